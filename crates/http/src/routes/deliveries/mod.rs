//! `/v1/deliveries`: how events got where they were to go.

pub(crate) mod redeliver;
pub(crate) mod show;

use deskhand_domain::event::Delivery;
use deskhand_domain::invocation::Attempt;
use deskhand_service::DeliveryView;
use serde::Serialize;

use crate::openapi::{Api, operation};

pub(crate) fn routes(api: Api) -> Api {
    api.get(
        "/v1/deliveries/{id}",
        show::handle,
        operation("get_delivery", "Read a delivery")
            .answers::<WithAttempts>(200, "The delivery with every request made for it."),
    )
    .post(
        "/v1/deliveries/{id}/redeliver",
        redeliver::handle,
        operation("redeliver", "Send the event of a delivery once more")
            .says(
                "Makes a new delivery of the same event, byte for byte and with the same \
                 `webhook-id`. A disabled endpoint gets nothing: 409.",
            )
            .answers::<Delivery>(202, "The new delivery, under way.")
            .fails_with(&["conflict"]),
    )
}

/// A delivery with every request made for it.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "DeliveryWithAttempts")]
pub(crate) struct WithAttempts {
    #[serde(flatten)]
    delivery: Delivery,
    /// In order.
    attempts: Vec<Attempt>,
}

impl From<DeliveryView> for WithAttempts {
    fn from(view: DeliveryView) -> Self {
        Self {
            delivery: view.delivery,
            attempts: view.attempts,
        }
    }
}
