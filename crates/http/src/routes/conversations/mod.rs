//! `/v1/conversations`: what was said and done.

pub(crate) mod answer;
pub(crate) mod events;
pub(crate) mod list;
pub(crate) mod show;

use deskhand_domain::conversation::{Conversation, ConversationRow, Message, Mode, TurnStatus};
use deskhand_domain::id::AgentId;
use deskhand_domain::schema::Moment;
use deskhand_service::{ConversationView, PersonsMessage};

use crate::list::Listing;
use crate::openapi::{Api, operation};

pub(crate) fn routes(api: Api) -> Api {
    api.get(
        "/v1/conversations",
        list::handle,
        operation("list_conversations", "List conversations")
            .says(
                "A key that is bound to an agent sees that agent's. `status` and `q` look through \
                 the newest 5,000 that the other filters leave, from `cursor` on.",
            )
            .filter::<AgentId>("agent_id", "Only this agent's.")
            .filter::<String>("contact_id", "Only this contact's.")
            .filter::<Moment>("from", "Only those begun at this moment or later.")
            .filter::<Moment>("to", "Only those begun before this moment.")
            .filter::<Mode>("mode", "Only those in this mode.")
            .filter::<TurnStatus>("status", "Only those with a turn that stands so.")
            .filter::<bool>("handoff", "Only those that wait for a person, or do not.")
            .filter::<String>(
                "q",
                "Only those with this text in a message or in what is known of the contact, or with \
                 this id.",
            )
            .answers::<Listing<ConversationRow>>(200, "Conversations, newest first."),
    )
    .get(
        "/v1/conversations/{id}",
        show::handle,
        operation("get_conversation", "Read a conversation")
            .says(
                "The last 200 turns with their invocations, oldest first. What happened inside a \
                 turn, its `trace`, is shown to keys with the scope admin or read.",
            )
            .answers::<ConversationView>(200, "The transcript."),
    )
    .post(
        "/v1/conversations/{id}/messages",
        answer::handle,
        operation("answer_as_person", "Answer as a person, or hand back")
            .says(
                "Says `text` to the customer in a person's name, whether the agent has handed the \
                 conversation over or not, and whether a turn is running in it or not. With \
                 `hand_back` the agent answers again from the customer's next message on.",
            )
            .takes::<PersonsMessage>()
            .answers::<Message>(201, "What was said.")
            .answers::<Conversation>(200, "Nothing was said; the conversation is the agent's again."),
    )
    .get(
        "/v1/conversations/{id}/events",
        events::handle,
        operation("listen", "Listen to a conversation, live")
            .says(
                "Begins with the running turn, if there is one, and goes on with every turn after \
                 it. A comment comes every 15 seconds to show that the stream is alive. A listener \
                 that falls far behind is cut off and comes back with its `Last-Event-ID`.",
            )
            .filter::<bool>(
                "trace",
                "Whether to tell what happens inside turns, too, from now on. Takes the scope admin \
                 or read.",
            )
            .fails_with(&["forbidden"])
            .header::<String>(
                "Last-Event-ID",
                "The id of the last event seen, to go on after it.",
            )
            .answers_events("The events of its turns, without end."),
    )
}
