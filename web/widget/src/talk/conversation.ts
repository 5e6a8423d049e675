// What a conversation looks like after any sequence of events, cuts and resends. Pure: every function
// takes a state and gives the next one.

import type { SseEvent } from "./sse";

/** A customer's message with the reply to it, or a reply on its own. */
export interface Turn {
  /** The server's name for it; null until it is known to have arrived. */
  readonly id: string | null;
  /** The key it is sent under; null if another tab sent it. */
  readonly key: string | null;
  /** The last turn known when it was written. */
  readonly after: string;
  /** Null: there is none. Undefined: not known yet. */
  readonly question: string | null | undefined;
  readonly reply: string;
  /** Who replied: a person of the owner's, in the agent's place, is said to be one. */
  readonly by: "agent" | "person";
  /** The place of the last event taken; -1 for none. */
  readonly place: number;
  readonly phase: "sending" | "unsent" | "running" | "done";
  /** Actions under way. */
  readonly actions: readonly { id: string; name: string }[];
  readonly confirmation: Confirmation | null;
  /** Why it was not sent, in the customer's words. */
  readonly refusal: string | null;
}

/** Something the customer is asked to agree to. */
export interface Confirmation {
  readonly id: string;
  readonly title: string;
  readonly details: readonly { name: string; value: string }[];
  readonly state: "open" | "sending" | "approved" | "rejected" | "over";
}

export interface State {
  readonly conversation: string | null;
  readonly turns: readonly Turn[];
}

export const EMPTY: State = { conversation: null, turns: [] };

/** As much of `GET /v1/conversations/{id}` as is read. */
export interface Transcript {
  id: string;
  messages: { turn_id: string; role: string; text: string }[];
  turns: { id: string; status: string }[];
}

const END = Infinity;

const BLANK: Turn = {
  id: null,
  key: null,
  after: "",
  question: undefined,
  reply: "",
  by: "agent",
  place: -1,
  phase: "running",
  actions: [],
  confirmation: null,
  refusal: null,
};

/** The customer has written something. */
export function write(state: State, key: string, text: string, after = lastId(state)): State {
  const turn: Turn = { ...BLANK, key, question: text, after, phase: "sending" };
  return { ...state, turns: [...state.turns, turn] };
}

/** The message under this key is the turn of this id. */
export function adopt(state: State, key: string, id: string): State {
  const own = state.turns.find((turn) => turn.key === key);
  if (!own || own.id) return state;
  const known = state.turns.find((turn) => turn.id === id);
  const turn: Turn = known
    ? { ...known, key, question: own.question }
    : { ...own, id, phase: "running", refusal: null };
  const others = state.turns.filter((other) => other !== own && other !== known);
  return { ...state, turns: sorted([...others, turn]) };
}

/** The message under this key was not taken. */
export function refuse(state: State, key: string, refusal: string): State {
  return change(
    state,
    (turn) => turn.key === key && !turn.id,
    (turn) => ({ ...turn, phase: "unsent", refusal }),
  );
}

/** The message is to be sent again under a new key. */
export function again(state: State, key: string, fresh: string): State {
  const turn = state.turns.find((turn) => turn.key === key && turn.phase === "unsent");
  if (!turn) return state;
  const others = state.turns.filter((other) => other !== turn);
  return write({ ...state, turns: others }, fresh, turn.question ?? "");
}

/** Nobody knows whether the message arrived: it did if there is a new turn with its words. */
export function recognise(state: State, key: string): State {
  const own = state.turns.find((turn) => turn.key === key && !turn.id);
  const found = own && state.turns.find((turn) => couldBe(turn, own) && turn.question !== undefined);
  return found?.id ? adopt(state, key, found.id) : state;
}

/** Takes an event of either stream; one that was taken before changes nothing. */
export function take(state: State, event: SseEvent): State {
  const [id, place] = named(event.id);
  const data = parsed(event.data);
  if (!id || !data) return state;
  if (event.name === "turn.started" && typeof data.conversation_id === "string") {
    state = { ...state, conversation: data.conversation_id };
  }
  const known = state.turns.some((turn) => turn.id === id);
  if (!known) state = { ...state, turns: sorted([...state.turns, { ...BLANK, id }]) };
  const next = change(
    state,
    (turn) => turn.id === id && place > turn.place,
    (turn) => ({ ...applied(turn, event.name, data), place }),
  );
  return event.name === "turn.started" ? overBefore(next, id) : next;
}

/** Takes what the server has stored. */
export function read(state: State, transcript: Transcript): State {
  const turns = new Map(state.turns.filter((turn) => turn.id).map((turn) => [turn.id, turn]));
  const running = new Set(
    transcript.turns.filter((turn) => turn.status === "running").map((turn) => turn.id),
  );
  const ids = [...transcript.messages.map((said) => said.turn_id), ...running];
  for (const id of new Set(ids)) {
    const said = (role: string) =>
      transcript.messages.filter((message) => message.turn_id === id && message.role === role);
    const turn = turns.get(id) ?? { ...BLANK, id };
    const question = said("customer")[0]?.text ?? null;
    const people = said("person");
    const replies = [...said("agent"), ...people].map((message) => message.text);
    const done = replies.length > 0 && !running.has(id);
    const by = people.length > 0 ? "person" : "agent";
    turns.set(id, done ? { ...ended(turn), question, by, reply: replies.join("\n\n") } : { ...turn, question });
  }
  const local = state.turns.filter((turn) => !turn.id);
  return { conversation: transcript.id, turns: [...sorted([...turns.values()]), ...local] };
}

/** The customer has decided, or it turned out that nothing can be decided any more. */
export function decide(state: State, id: string, decision: Confirmation["state"]): State {
  return change(
    state,
    (turn) => turn.confirmation?.id === id,
    (turn) => ({
      ...turn,
      confirmation: turn.confirmation && { ...turn.confirmation, state: decision },
    }),
  );
}

/**
 * The turns to be shown. No reply comes before its question is known; and a turn that may be a message
 * still being sent is held back, for that message is there.
 */
export function shown(state: State): readonly Turn[] {
  const sending = state.turns.filter((turn) => !turn.id && turn.phase === "sending");
  return state.turns.filter(
    (turn) => turn.question !== undefined && !sending.some((own) => couldBe(turn, own)),
  );
}

/** Whether something was said that is not known here. */
export function isBlank(state: State): boolean {
  return state.turns.some((turn) => turn.question === undefined);
}

/** What was said cannot be found out; the replies to it are shown on their own. */
export function giveUp(state: State): State {
  return change(
    state,
    (turn) => turn.question === undefined,
    (turn) => ({ ...turn, question: null }),
  );
}

/** The last turn with a whole reply; ids are in order of time. */
export function lastReplied(state: State): string {
  return state.turns.reduce((last, { id, phase }) => (id && phase === "done" ? id : last), "");
}

/** How many whole replies came after this turn. */
export function repliesAfter(state: State, seen: string): number {
  return state.turns.filter((turn) => turn.id && turn.phase === "done" && turn.id > seen).length;
}

function couldBe(turn: Turn, own: Turn): boolean {
  if (!turn.id || turn.key || turn.id <= own.after) return false;
  return turn.question === undefined || turn.question?.trim() === own.question?.trim();
}

function lastId(state: State): string {
  return state.turns.reduce((last, { id }) => (id && id > last ? id : last), "");
}

function sorted(turns: Turn[]): Turn[] {
  // Those without an id keep their order, at the end.
  const order = (a: Turn, b: Turn) => (a.id && b.id ? (a.id < b.id ? -1 : 1) : a.id ? -1 : b.id ? 1 : 0);
  return turns.sort(order);
}

function change(state: State, which: (turn: Turn) => boolean, how: (turn: Turn) => Turn): State {
  if (!state.turns.some(which)) return state;
  return { ...state, turns: state.turns.map((turn) => (which(turn) ? how(turn) : turn)) };
}

/** A new turn closes what was asked before it. */
function overBefore(state: State, id: string): State {
  return change(
    state,
    (turn) => turn.id !== null && turn.id < id && turn.confirmation?.state === "open",
    (turn) => ({ ...turn, confirmation: turn.confirmation && { ...turn.confirmation, state: "over" } }),
  );
}

function ended(turn: Turn): Turn {
  return { ...turn, phase: "done", place: END, actions: [] };
}

type Data = Record<string, unknown>;

function applied(turn: Turn, name: string, data: Data): Turn {
  switch (name) {
    case "message.delta":
      return { ...turn, reply: turn.reply + text(data.text) };
    case "message.reset":
      return { ...turn, reply: "" };
    case "action.started": {
      const action = { id: text(data.id), name: text(data.display_name) };
      return { ...turn, actions: [...turn.actions, action] };
    }
    case "action.finished":
      return { ...turn, actions: turn.actions.filter((action) => action.id !== data.id) };
    case "confirmation.requested":
      return { ...turn, confirmation: asked(data) ?? turn.confirmation };
    case "message.completed":
    case "turn.failed":
      return {
        ...ended(turn),
        ...(data.role === "person" && { by: "person" as const, question: turn.question ?? null }),
        reply: text(data.reply),
        confirmation: turn.confirmation ?? asked(data.confirmation),
      };
    default:
      return turn;
  }
}

function asked(given: unknown): Confirmation | null {
  const data = given as Data | null;
  if (!data || typeof data !== "object" || !text(data.id)) return null;
  const parameters = typeof data.parameters === "object" && data.parameters ? data.parameters : {};
  return {
    id: text(data.id),
    title: text(data.display_name),
    details: Object.entries(parameters).map(([name, value]) => ({
      name: name.replaceAll("_", " "),
      value: typeof value === "string" ? value : JSON.stringify(value),
    })),
    state: "open",
  };
}

/** `turn_….7` or `turn_….end`. */
function named(id: string): [string, number] {
  const [turn = "", place = ""] = id.split(".");
  return [turn, place === "end" ? END : /^\d+$/.test(place) ? Number(place) : -1];
}

function parsed(data: string): Data | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" ? (value as Data | null) : null;
  } catch {
    return null;
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
