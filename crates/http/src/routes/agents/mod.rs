//! `/v1/agents`: personas and what they may do.

pub(crate) mod actions;
pub(crate) mod attach;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod detach;
pub(crate) mod list;
pub(crate) mod show;
pub(crate) mod update;
pub(crate) mod widget;

use deskhand_domain::agent::{Agent, AgentDefinition};
use deskhand_domain::widget::WidgetSettings;
use deskhand_service::ActionView;

use crate::list::Listing;
use crate::openapi::{Api, changed, made, operation};

pub(crate) fn routes(api: Api) -> Api {
    api.post(
        "/v1/agents",
        create::handle,
        operation("create_agent", "Make an agent")
            .says("Only `name` is required.")
            .takes_schema(
                |schemas| made::<AgentDefinition>(schemas, "NewAgent", |_, _| {}),
                true,
            )
            .answers::<Agent>(201, "The agent."),
    )
    .get(
        "/v1/agents",
        list::handle,
        operation("list_agents", "List agents")
            .answers::<Listing<Agent>>(200, "Agents, newest first."),
    )
    .get(
        "/v1/agents/{id}",
        show::handle,
        operation("get_agent", "Read an agent").answers::<Agent>(200, "The agent."),
    )
    .patch(
        "/v1/agents/{id}",
        update::handle,
        operation("update_agent", "Change an agent")
            .says("A field that is left out stays as it is; null takes it back to its default.")
            .takes_schema(
                |schemas| changed(schemas, "NewAgent", "AgentChanges", |_| {}),
                false,
            )
            .answers::<Agent>(200, "The agent as it is now."),
    )
    .delete(
        "/v1/agents/{id}",
        delete::handle,
        operation("delete_agent", "Remove an agent")
            .says("What it did stays readable.")
            .answers_nothing("It is removed."),
    )
    .get(
        "/v1/agents/{id}/actions",
        actions::handle,
        operation("list_agent_actions", "List the actions of an agent")
            .says("In the order attached. There are 64 at most, so they come in one part.")
            .answers::<Listing<ActionView>>(200, "Its actions."),
    )
    .put(
        "/v1/agents/{id}/actions/{action_id}",
        attach::handle,
        operation("attach_action", "Let an agent use an action")
            .says("Changes nothing if it may already. An agent has at most 64 actions.")
            .answers_nothing("The agent may use it.")
            .fails_with(&["conflict"]),
    )
    .delete(
        "/v1/agents/{id}/actions/{action_id}",
        detach::handle,
        operation("detach_action", "Take an action away from an agent")
            .answers_nothing("The agent may not use it."),
    )
    .get(
        "/v1/agents/{id}/widget",
        widget::show,
        operation("get_widget", "Read how an agent's widget looks")
            .answers::<WidgetSettings>(200, "Its settings; the defaults where none were set."),
    )
    .put(
        "/v1/agents/{id}/widget",
        widget::set,
        operation("set_widget", "Set how an agent's widget looks")
            .says(
                "A field that is left out takes its default. Customers can use the widget once it is \
                 `enabled`, on pages of the workspace's `widget_origins`. `text_color` must differ from \
                 `color` by 4.5 to 1 at least (WCAG 2.2).",
            )
            .may_take::<WidgetSettings>()
            .answers::<WidgetSettings>(200, "Its settings as they are now."),
    )
}
