//! `/v1/event_endpoints`: where events go.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod deliveries;
pub(crate) mod list;
pub(crate) mod rotate;
pub(crate) mod show;
pub(crate) mod test;
pub(crate) mod update;

use deskhand_domain::event::{Delivery, DeliveryStatus, EventEndpoint};
use deskhand_service::NewEndpoint;

use crate::list::Listing;
use crate::openapi::{Api, changed, made, operation};
use crate::routes::actions::rotate::{Rotate, SigningSecret};

pub(crate) fn routes(api: Api) -> Api {
    api.post(
        "/v1/event_endpoints",
        create::handle,
        operation("create_event_endpoint", "Make an event endpoint")
            .says(
                "Only `url` is required. The endpoint gets the events that come after it, signed \
                 as Standard Webhooks has it, at least once and in no order. A workspace has at \
                 most 20.",
            )
            .takes_schema(
                |schemas| made::<NewEndpoint>(schemas, "NewEventEndpoint", |_, _| {}),
                true,
            )
            .answers::<create::Created>(201, "The endpoint with its signing secret, this once.")
            .fails_with(&["conflict"]),
    )
    .get(
        "/v1/event_endpoints",
        list::handle,
        operation("list_event_endpoints", "List event endpoints")
            .answers::<Listing<EventEndpoint>>(200, "Endpoints, newest first."),
    )
    .get(
        "/v1/event_endpoints/{id}",
        show::handle,
        operation("get_event_endpoint", "Read an event endpoint")
            .answers::<EventEndpoint>(200, "The endpoint."),
    )
    .patch(
        "/v1/event_endpoints/{id}",
        update::handle,
        operation("update_event_endpoint", "Change an event endpoint")
            .says(
                "A field that is left out stays as it is; null takes it back to its default. \
                 Setting `enabled` to false gives up what is on its way; to true clears `disabled`.",
            )
            .takes_schema(
                |schemas| changed(schemas, "NewEventEndpoint", "EventEndpointChanges", |_| {}),
                false,
            )
            .answers::<EventEndpoint>(200, "The endpoint as it is now."),
    )
    .delete(
        "/v1/event_endpoints/{id}",
        delete::handle,
        operation("delete_event_endpoint", "Remove an event endpoint")
            .says("Its deliveries go with it; what is on its way is given up.")
            .answers_nothing("It is removed."),
    )
    .post(
        "/v1/event_endpoints/{id}/secret",
        rotate::handle,
        operation("rotate_event_endpoint_secret", "Make a new signing secret")
            .says(
                "Until `overlap_seconds` have passed the secret before signs too: \
                 `webhook-signature` carries one signature for each.",
            )
            .may_take::<Rotate>()
            .answers::<SigningSecret>(200, "The new secret, this once."),
    )
    .post(
        "/v1/event_endpoints/{id}/test",
        test::handle,
        operation("test_event_endpoint", "Send an event that says nothing")
            .says("An `endpoint.test`, whatever `types` are wanted. It is tried once.")
            .answers::<Delivery>(202, "Its delivery, under way."),
    )
    .get(
        "/v1/event_endpoints/{id}/deliveries",
        deliveries::handle,
        operation("list_deliveries", "List the deliveries to an event endpoint")
            .says("Those of the last 30 days.")
            .filter::<DeliveryStatus>("status", "Only those that stand so.")
            .answers::<Listing<Delivery>>(200, "Deliveries, newest first."),
    )
}
