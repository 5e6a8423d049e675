// Short names for what the API speaks of. Pages import from here, not from
// the generated schema.
import type { components } from './schema';

type Schemas = components['schemas'];

export type Agent = Schemas['Agent'];
export type AgentChanges = Schemas['AgentChanges'];
export type NewAgent = Schemas['NewAgent'];
export type Action = Schemas['ActionView'];
export type ActionVersion = Schemas['Action'];
export type Circuit = Schemas['CircuitView'];
export type Handoff = Schemas['Handoff'];
export type NewAction = Schemas['NewAction'];
export type Finding = Schemas['Finding'];
export type Header = Schemas['Header'];
export type ConversationRow = Schemas['ConversationRow'];
export type ConversationView = Schemas['ConversationView'];
export type Message = Schemas['Message'];
export type Invocation = Schemas['Invocation'];
export type InvocationSummary = Schemas['InvocationSummary'];
export type InvocationWithAttempts = Schemas['InvocationWithAttempts'];
export type Settlement = Schemas['Settlement'];
export type InvocationStatus = Schemas['InvocationStatus'];
export type Attempt = Schemas['Attempt'];
export type Timings = Schemas['Timings'];
export type Provenance = Schemas['Provenance'];
export type TurnRecord = Schemas['TurnRecord'];
export type ApiKey = Schemas['ApiKey'];
export type CreatedKey = Schemas['CreatedKey'];
export type Egress = Schemas['Egress'];

export type Session = Schemas['CurrentSession'];
export type SessionRow = Schemas['OwnSession'];
export type User = Schemas['User'];
export type Member = Schemas['Member'];
export type Invitation = Schemas['Invitation'];
export type NewInvitation = Schemas['CreatedInvitation'];
export type Notice = Schemas['Notice'];
export type Statistics = Schemas['Statistics'];
export type ModelTest = Schemas['ModelTested'];

export type EventEndpoint = Schemas['EventEndpoint'];
export type CreatedEndpoint = Schemas['CreatedEventEndpoint'];
export type EventType = Schemas['EventType'];
export type Delivery = Schemas['Delivery'];
export type DeliveryWithAttempts = Schemas['DeliveryWithAttempts'];

export type Workspace = Schemas['WorkspaceView'];
export type WidgetSettings = Schemas['WidgetSettings'];

/** The events of `GET /v1/live`, by name. */
export type LiveEvents = {
  'invocation.changed': {
    id: string; status: InvocationStatus; action: string; conversation_id: string | null; test: boolean;
  };
  'conversation.changed': { id: string; agent_id: string };
};

/** A page of a list. */
export type Page<T> = { data: T[]; next_cursor?: string | null };
