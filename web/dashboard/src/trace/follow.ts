import { problemOf, unreachable } from '../api/problem';
import { readEvents } from '../api/sse';
import { isLast, type TurnEvent, turnEvent } from './events';

/** A customer's message, as the playground sends it. */
export type ChatRequest = {
  message: string;
  conversation_id: string | null;
  mode: 'test' | 'mock';
  /** Who the playground speaks as; null for nobody in particular. */
  contact: ContactGiven | null;
};

/** A contact as far as the playground gives one. */
export type ContactGiven = { id?: string; name?: string; email?: string; phone?: string; timezone?: string };

/** What the reading of streams needs from outside. */
export type Wire = {
  fetch: typeof fetch;
  /** Resolves after that many milliseconds. */
  wait: (ms: number) => Promise<void>;
};

/** An event of a conversation and the turn it belongs to. */
export type Told = { turn: string; event: TurnEvent };

/** How often a stream that brings nothing new is opened again before giving up. */
const PATIENCE = 6;

/** The browser's own. */
export const browserWire: Wire = {
  fetch: (input, init) => fetch(input, init),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/**
 * Sends a message and gives the events of its turn, up to the last. A connection that breaks is taken
 * up again: with the same key before the turn is known to have begun, after the last event seen from
 * then on. So a message is neither lost nor sent twice. Throws `ApiProblem`.
 */
export async function* chat(
  agent: string,
  request: ChatRequest,
  key: string,
  signal: AbortSignal,
  wire: Wire = browserWire,
): AsyncGenerator<TurnEvent> {
  for (let failures = 0; ; failures += 1) {
    const response = await open(wire, `/v1/agents/${agent}/chat`, signal, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'idempotency-key': key },
      body: JSON.stringify({ ...request, stream: true, trace: true }),
    });
    let place = null as Place | null;
    if (response?.ok) {
      for await (const { id, turn, event } of eventsOf(response)) {
        const conversation = event.event === 'turn.started' ? event.data.conversation_id : place?.conversation;
        if (conversation) place = { conversation, turn, after: id };
        yield event;
        if (isLast(event)) return;
      }
    } else if (response) {
      place = await runningElsewhere(response);
      yield { event: 'turn.started', data: { conversation_id: place.conversation, turn_id: place.turn } };
    }
    if (place) {
      const { turn } = place;
      for await (const told of follow(place.conversation, place.after, signal, wire)) {
        if (told.turn !== turn) continue;
        yield told.event;
        if (isLast(told.event)) return;
      }
    }
    if (failures >= PATIENCE) throw unreachable();
    await wire.wait(pause(failures));
  }
}

/**
 * The events of a conversation from the running turn on, or after the event of that id. Goes on over
 * broken connections until the signal ends it; throws `ApiProblem` when the server stays away.
 */
export async function* follow(
  conversation: string,
  after: string | null,
  signal: AbortSignal,
  wire: Wire = browserWire,
): AsyncGenerator<Told> {
  let last = after;
  for (let failures = 0; !signal.aborted; ) {
    const response = await open(wire, `/v1/conversations/${conversation}/events?trace=true`, signal, {
      headers: { accept: 'text/event-stream', ...(last === null ? {} : { 'last-event-id': last }) },
    });
    if (response && !response.ok) throw await problemOf(response);
    if (response) {
      for await (const { id, turn, event } of eventsOf(response)) {
        last = id;
        yield { turn, event };
      }
      // A proxy may cut a quiet stream every minute: only silence in a row counts.
      failures = 0;
    }
    if (failures >= PATIENCE) throw unreachable();
    if (!signal.aborted) await wire.wait(pause(failures));
    failures += 1;
  }
}

type Place = { conversation: string; turn: string; after: string };

/** A response, or null where none came. */
async function open(wire: Wire, url: string, signal: AbortSignal, init: RequestInit): Promise<Response | null> {
  try {
    return await wire.fetch(url, { ...init, signal, credentials: 'same-origin' });
  } catch (error) {
    if (signal.aborted) throw error;
    return null;
  }
}

/** The events of one response; ends where it ends or breaks. */
async function* eventsOf(response: Response): AsyncGenerator<Told & { id: string }> {
  if (!response.body) return;
  const events = readEvents(response.body);
  for (;;) {
    let next: Awaited<ReturnType<typeof events.next>>;
    try {
      next = await events.next();
    } catch {
      // Broken: whoever reads this knows from the missing last event.
      return;
    }
    if (next.done) return;
    const event = turnEvent(next.value.event, next.value.data);
    if (event) yield { id: next.value.id, turn: next.value.id.split('.')[0] ?? '', event };
  }
}

/** Where the turn of the same key is running already; any other refusal is thrown. */
async function runningElsewhere(response: Response): Promise<Place> {
  const text = await response.clone().text();
  const problem = await problemOf(response);
  if (problem.code !== 'idempotency_in_progress') throw problem;
  const { conversation_id, turn_id } = JSON.parse(text) as { conversation_id?: string; turn_id?: string };
  if (!conversation_id || !turn_id) throw problem;
  // After its first event, so that an end that has just come is told too.
  return { conversation: conversation_id, turn: turn_id, after: `${turn_id}.0` };
}

/** 250 ms, then twice as long each time, up to 4 s. */
function pause(failures: number): number {
  return Math.min(4_000, 250 * 2 ** failures);
}
