//! Every bound in one place. The unit is in the name.

use std::time::Duration;

use jiff::SignedDuration;

/// Longest `name` of an action.
pub const ACTION_NAME_CHARS: usize = 64;
/// Longest `display_name` of an action, and name of an agent.
pub const DISPLAY_NAME_CHARS: usize = 80;
/// Longest `description` of an action.
pub const DESCRIPTION_CHARS: usize = 1_024;
/// Longest webhook URL.
pub const URL_OCTETS: usize = 2_048;
/// Largest parameter schema, as compact JSON.
pub const SCHEMA_BYTES: usize = 32 * 1024;
/// Most properties in a parameter schema, at all levels together.
pub const SCHEMA_PROPERTIES: usize = 64;
/// Deepest nesting of sub-schemas in a parameter schema; the root is 1.
pub const SCHEMA_DEPTH: usize = 8;
/// Most headers of its own that an action may send.
pub const ACTION_HEADERS: usize = 20;
/// Longest value of such a header.
pub const HEADER_VALUE_BYTES: usize = 4_096;
/// Most `examples` of an action.
pub const EXAMPLES: usize = 20;
/// Longest of its examples.
pub const EXAMPLE_CHARS: usize = 200;
/// Most `result_fields` of an action.
pub const RESULT_FIELDS: usize = 64;
/// Longest instructions of an agent.
pub const INSTRUCTIONS_CHARS: usize = 20_000;
/// Longest `fallback_message` of an agent.
pub const FALLBACK_MESSAGE_CHARS: usize = 1_000;
/// Longest `fallback_contact` of an agent.
pub const FALLBACK_CONTACT_CHARS: usize = 200;
/// Longest greeting of a widget.
pub const GREETING_CHARS: usize = 500;
/// Most origins from which the widgets of a workspace may be used.
pub const WIDGET_ORIGINS: usize = 50;
/// Most actions attached to one agent: more than a model can choose from.
pub const ACTIONS_PER_AGENT: usize = 64;

/// Longest customer message.
pub const MESSAGE_CHARS: usize = 8_000;
/// Largest contact, as JSON.
pub const CONTACT_BYTES: usize = 16 * 1024;
/// Messages a contact may send in a minute.
pub const MESSAGES_PER_CONTACT_MINUTE: usize = 30;

/// Bounds of `timeout_seconds`.
pub const TIMEOUT_SECONDS: std::ops::RangeInclusive<u32> = 1..=120;
/// `timeout_seconds` when the owner gives none.
pub const TIMEOUT_SECONDS_DEFAULT: u32 = 30;
/// Largest request body of a call.
pub const REQUEST_BYTES: usize = 256 * 1024;
/// Largest response body read from an endpoint.
pub const RESPONSE_BYTES: usize = 1024 * 1024;
/// Most response headers read from an endpoint.
pub const RESPONSE_HEADERS: usize = 100;
/// Largest head of a response.
pub const RESPONSE_HEADER_BYTES: usize = 64 * 1024;
/// Part of a result that the model sees.
pub const RESULT_TO_MODEL_BYTES: usize = 16 * 1024;
/// Part of a request or response body that an attempt keeps for its owner to read.
pub const ATTEMPT_BODY_BYTES: usize = 64 * 1024;
/// Longest `error` text of an endpoint that is used.
pub const DECLINED_ERROR_CHARS: usize = 500;
/// A call that takes longer than this is slow: a customer is waiting for it.
pub const SLOW_CALL: Duration = Duration::from_secs(5);
/// Most sends of one invocation: the first and two retries.
pub const ATTEMPTS: u32 = 3;
/// Longest wait for a name to resolve at a call.
pub const DNS_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest wait for a name to resolve when an action is saved.
pub const DNS_TIMEOUT_AT_SAVE: Duration = Duration::from_secs(2);
/// Longest wait for a TCP connection.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Most addresses read from one DNS answer.
pub const DNS_RECORDS: usize = 32;
/// Longest base of the wait before a retry: the first waits up to this, the second up to twice it.
pub const RETRY_BASE: Duration = Duration::from_millis(200);
/// Longest wait before a retry that the endpoint did not ask for.
pub const RETRY_CAP: Duration = Duration::from_secs(2);
/// Longest idle time of a connection reused for a call that must not be sent twice. Many servers
/// close at 5 s, and losing that race would leave the outcome unknown.
pub const IDLE_UNREPEATABLE: Duration = Duration::from_secs(4);
/// Longest idle time of a connection reused for any other call.
pub const IDLE_REPEATABLE: Duration = Duration::from_secs(60);
/// Most idle connections kept to one origin of one workspace: what many conversations at once need. A
/// handshake costs both sides more than the rest of a call.
pub const IDLE_PER_ORIGIN: usize = 256;
/// Most idle connections kept in all.
pub const IDLE_TOTAL: usize = 1_024;

/// How long the URL works by which the owner's system reports on a long-running operation.
pub const CALLBACK_DURATION: Duration = Duration::from_secs(24 * 3600);
/// Largest report sent to it.
pub const CALLBACK_BYTES: usize = 1024 * 1024;
/// Longest text in it that says how far the work is.
pub const PROGRESS_CHARS: usize = 1_000;
/// Longest note of an operator who settles an invocation.
pub const SETTLEMENT_NOTE_CHARS: usize = 1_000;
/// Most invocations given up in one round because nobody reported on them in time.
pub const EXPIRIES_PER_ROUND: usize = 100;

/// Calls in one turn.
pub const CALLS_PER_TURN: u32 = 5;
/// Model calls in one turn.
pub const MODEL_CALLS_PER_TURN: u32 = 8;
/// Times a model is told that its call was invalid, in one turn.
pub const REPAIRS_PER_TURN: u32 = 2;
/// Calls in one conversation within an hour.
pub const CALLS_PER_CONVERSATION_HOUR: u32 = 50;
/// Longest turn.
pub const TURN_DURATION: Duration = Duration::from_secs(180);
/// Longest wait of a message for a turn of its conversation that another server runs, or has left: it
/// may be gone on with first.
pub const CONVERSATION_WAIT: Duration = Duration::from_secs(210);
/// Calls read from one model answer; the rest are dropped unread.
pub const CALLS_PER_ANSWER: usize = 16;
/// Longest arguments of one call, as the model wrote them.
pub const ARGUMENTS_BYTES: usize = 64 * 1024;
/// Most values in the arguments of one call, each leaf of an array or object counted.
pub const ARGUMENTS_LEAVES: usize = 1_000;
/// Longest arguments of a call that was not run that a turn's trace keeps.
pub const TRACED_ARGUMENTS_BYTES: usize = 8 * 1024;
/// Longest model reply that is kept.
pub const REPLY_CHARS: usize = 16_000;

/// Tries of the model provider for one answer.
pub const MODEL_TRIES: u32 = 3;
/// Time within which those tries happen.
pub const MODEL_WINDOW: Duration = Duration::from_secs(30);
/// Longest wait for the first word, call or thought of an answer. Signs of life that say nothing do
/// not count.
pub const MODEL_FIRST_TOKEN: Duration = Duration::from_secs(30);
/// Longest silence between two pieces of an answer.
pub const MODEL_SILENCE: Duration = Duration::from_secs(30);
/// Longest time for one answer, from the request to its last piece.
pub const MODEL_ANSWER: Duration = Duration::from_secs(120);
/// Longest wait, once a provider has said why an answer ends, for the count of its tokens and the end of
/// the stream. The answer stands without them.
pub const MODEL_AFTER_END: Duration = Duration::from_secs(2);
/// Longest event of a provider's stream. An answer in one piece, with all the calls that are read, is
/// shorter unless its arguments are as long as they may be.
pub const MODEL_EVENT_BYTES: usize = 1024 * 1024;
/// Longest stream of one answer. A token may cost some hundred bytes there.
pub const MODEL_STREAM_BYTES: usize = 64 * 1024 * 1024;
/// How much of a provider's refusal is read.
pub const MODEL_REFUSAL_BYTES: usize = 64 * 1024;
/// Most idle connections kept to one provider: what many conversations at once need. In a burst of more,
/// a turn that waits for a webhook gives its connection up, and opens another for its next question.
pub const IDLE_PER_PROVIDER: usize = 256;
/// Room for one answer, in tokens: text of [`REPLY_CHARS`], or calls.
pub const MODEL_ANSWER_TOKENS: u32 = 4_096;

/// Longest name of a person, and of a workspace.
pub const PERSON_NAME_CHARS: usize = 80;
/// Longest email address (RFC 5321 §4.5.3.1.3, less the angle brackets).
pub const EMAIL_OCTETS: usize = 254;
/// Bounds of a password.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=128;
/// How long a session lasts after its last use.
pub const SESSION_DURATION: Duration = Duration::from_secs(14 * 24 * 3600);
/// How exactly the last use of a session is kept, so that not every request writes.
pub const SESSION_TOUCH: Duration = Duration::from_secs(60);
/// Longest `user_agent` kept of a session.
pub const USER_AGENT_CHARS: usize = 256;
/// How long a set-up link works.
pub const SETUP_LINK_DURATION: Duration = Duration::from_secs(24 * 3600);
/// How long an invitation works.
pub const INVITATION_DURATION: Duration = Duration::from_secs(7 * 24 * 3600);
/// The time within which failed sign-ins are counted.
pub const SIGN_IN_WINDOW: Duration = Duration::from_secs(15 * 60);
/// Failed sign-ins for one email address in that time.
pub const SIGN_IN_FAILURES_PER_EMAIL: usize = 10;
/// Failed sign-ins from one client address in that time.
pub const SIGN_IN_FAILURES_PER_ADDRESS: usize = 30;
/// Passwords hashed at once: each takes 19 MiB and a processor.
pub const PASSWORDS_AT_ONCE: usize = 2;
/// Requests that may wait for their turn to have a password hashed.
pub const PASSWORDS_WAITING: usize = 32;

/// Most event endpoints of a workspace.
pub const EVENT_ENDPOINTS: u32 = 20;
/// Longest description of an event endpoint.
pub const EVENT_DESCRIPTION_CHARS: usize = 200;
/// Most attempts of one delivery.
pub const EVENT_ATTEMPTS: u32 = 10;
/// The waits between them, about 75 hours together.
pub const EVENT_WAITS: [Duration; EVENT_ATTEMPTS as usize - 1] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(5 * 3600),
    Duration::from_secs(10 * 3600),
    Duration::from_secs(14 * 3600),
    Duration::from_secs(20 * 3600),
    Duration::from_secs(24 * 3600),
];
/// Longest wait that an event endpoint may ask for by `Retry-After`.
pub const EVENT_ATTEMPT_LATEST: Duration = Duration::from_secs(24 * 3600);
/// Longest time for one attempt of a delivery.
pub const EVENT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a claimed delivery is its claimer's: longer than an attempt can take.
pub const EVENT_CLAIM: Duration = Duration::from_secs(60);
/// Deliveries under way at once from one node.
pub const DELIVERIES_AT_ONCE: u32 = 64;
/// Deliveries under way at once to one endpoint.
pub const DELIVERIES_PER_ENDPOINT: u32 = 4;
/// How long nothing but failure disables an event endpoint.
pub const EVENT_FAILING: Duration = Duration::from_secs(5 * 24 * 3600);
/// How long events and ended deliveries are kept.
pub const EVENTS_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// Ended deliveries, and events, that are forgotten in one transaction.
pub const EVENTS_FORGOTTEN_AT_ONCE: u32 = 100;

/// The time within which a circuit breaker counts calls.
pub const CIRCUIT_WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// How exactly it counts when they were.
pub const CIRCUIT_SLICE: SignedDuration = SignedDuration::from_secs(5);
/// Fewest calls in that time that can open it.
pub const CIRCUIT_CALLS: u64 = 10;
/// The part of them, in per cent, that opens it by failing.
pub const CIRCUIT_FAILURE_PERCENT: u64 = 70;
/// How long it lets nothing through.
pub const CIRCUIT_OPEN: SignedDuration = SignedDuration::from_secs(30);
/// How much longer than the call itself the one call that it then lets through is waited for.
pub const CIRCUIT_PROBE_GRACE: SignedDuration = SignedDuration::from_secs(20);

/// Longest reason that a model gives for handing a conversation to a person.
pub const HANDOFF_REASON_CHARS: usize = 500;
