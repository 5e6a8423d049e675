// A conversation as one tab takes part in it: sends what the customer writes exactly once, follows
// what happens, and says when something has changed.

import type { Api, Decision, Message } from "./api";
import * as conversation from "./conversation";
import type { State, Transcript } from "./conversation";
import { type Around, Line } from "./line";
import type { Outbox } from "./outbox";
import type { SseEvent } from "./sse";
import { WORDS } from "./words";

/** What a talk needs from around it. */
export interface Surroundings extends Around {
  api: Api;
  outbox: Outbox;
  newKey(): string;
}

/** How long the own stream may take to say whose turn it is, before the transcript is asked. */
const FILL_MS = 150;
const FILL_READS = 5;

/** One contact's conversation. Another contact is another talk. */
export class Talk {
  state: State = conversation.EMPTY;
  readonly line: Line;
  /** Whether there is nothing more to wait for before the conversation can be shown. */
  loaded = false;
  private readonly queue: string[] = [];
  private delivering = false;
  private filling = false;
  /**
   * The last event on the stream of events; null until there is one. What comes on a message's own
   * stream does not count: turns of other tabs may have ended before it.
   */
  private cursor: string | null = null;
  private listening: AbortController | null = null;
  private asleep = false;

  constructor(private readonly around: Surroundings) {
    this.line = new Line(around);
  }

  /** Begins with what was there before. */
  start(id: string | null): void {
    for (const message of this.around.outbox.all()) {
      this.state = conversation.write(this.state, message.key, message.text, message.after);
      if (this.around.outbox.isOld(message)) {
        this.state = conversation.refuse(this.state, message.key, WORDS.uncertain);
      } else this.queue.push(message.key);
    }
    if (id) this.join(id);
    else this.loaded = true;
    void this.deliver();
  }

  /** Another tab has begun the conversation. */
  join(id: string): void {
    if (this.state.conversation) return;
    this.update({ ...this.state, conversation: id });
    void this.listen();
  }

  send(text: string): void {
    const key = this.around.newKey();
    this.update(conversation.write(this.state, key, text));
    this.enqueue(key);
  }

  /** Sends a message again that was not taken. */
  again(key: string): void {
    const fresh = this.around.newKey();
    this.around.outbox.remove(key);
    this.update(conversation.again(this.state, key, fresh));
    this.enqueue(fresh);
  }

  async decide(id: string, decision: Decision): Promise<void> {
    this.update(conversation.decide(this.state, id, "sending"));
    const key = this.around.newKey();
    const answer = await this.line.insist((signal) => this.around.api.decide(id, decision, key, signal));
    if (!answer) return;
    const { problem } = answer;
    if (problem && !problem.turn_id) {
      this.update(conversation.decide(this.state, id, "over"));
      return;
    }
    this.update(conversation.decide(this.state, id, decision === "approve" ? "approved" : "rejected"));
    // If it is being carried out already, its turn is on the stream of events.
    if (problem) void this.listen();
    else if (isStream(answer.response)) await this.listenTo(answer.response, () => undefined);
    else await this.fill();
  }

  /** Nobody looks: lets the stream of events go. */
  sleep(): void {
    this.asleep = true;
    this.listening?.abort();
  }

  wake(): void {
    this.asleep = false;
    this.line.hurry();
    if (this.state.conversation) void this.listen();
  }

  /** The network is back. */
  reconnect(): void {
    this.line.hurry();
    this.listening?.abort();
  }

  stop(): void {
    this.line.stop();
  }

  private update(state: State): void {
    if (this.line.stopped || state === this.state) return;
    this.state = state;
    this.around.changed();
  }

  private enqueue(key: string): void {
    const turn = this.state.turns.find((turn) => turn.key === key);
    if (!turn) return;
    this.around.outbox.add({ key, text: turn.question ?? "", after: turn.after });
    this.queue.push(key);
    void this.deliver();
  }

  /** One after the other: a message leaves when the one before it has arrived. */
  private async deliver(): Promise<void> {
    if (this.delivering) return;
    this.delivering = true;
    for (let key = this.queue[0]; key !== undefined && !this.line.stopped; key = this.queue[0]) {
      await this.deliverOne(key);
      this.queue.shift();
    }
    this.delivering = false;
  }

  private async deliverOne(key: string): Promise<void> {
    const { outbox, api } = this.around;
    for (let tries = 0; !this.line.stopped; tries++) {
      const pending = outbox.find(key);
      if (!pending) return;
      if (pending.conversation === undefined) outbox.direct(key, this.state.conversation);
      const conversation_id = pending.conversation ?? null;
      const message: Message = { message: pending.text, conversation_id, stream: true };
      const answer = await this.line.insist((signal) => api.send(message, key, signal));
      if (!answer) return;
      const { response, problem } = answer;
      if (!problem) {
        if (await this.arrives(key, response)) return;
        // Cut before it said which turn it is: the same again, under the same key.
        if (tries) await this.line.pause(tries);
      } else if (problem.turn_id) {
        this.adopted(key, problem.turn_id, problem.conversation_id);
        return;
      } else if (response.status === 404 && conversation_id) {
        this.forget(conversation_id);
        outbox.direct(key, null);
      } else {
        await this.refused(key, response.status);
        return;
      }
    }
  }

  /** Whether the stream said which turn it is. It is read to its end all the same. */
  private arrives(key: string, response: Response): Promise<boolean> {
    return new Promise((resolve) => {
      const mine = (turn: string) => {
        this.adopted(key, turn);
        resolve(true);
      };
      void this.listenTo(response, mine).then(() => resolve(false));
    });
  }

  /** Reads the stream of a turn; one that breaks off is followed on the stream of events. */
  private async listenTo(response: Response, begin: (turn: string) => void): Promise<void> {
    let turn = "";
    let last = "";
    await this.line.read(response, (event) => {
      last = event.id;
      if (!turn) begin((turn = event.id.split(".")[0] ?? ""));
      this.take(event);
    });
    // What cut this one may have cut the other.
    if (turn && !last.endsWith(".end")) this.reconnect();
  }

  private adopted(key: string, turn: string, id?: string): void {
    this.around.outbox.remove(key);
    let state = conversation.adopt(this.state, key, turn);
    if (id) state = { ...state, conversation: id };
    this.update(state);
    void this.listen();
  }

  private async refused(key: string, status: number): Promise<void> {
    if (status >= 500) {
      if (this.state.conversation) await this.reread();
      this.update(conversation.recognise(this.state, key));
      if (!this.state.turns.some((turn) => turn.key === key && !turn.id)) {
        this.around.outbox.remove(key);
        return;
      }
    }
    const gone = status === 403 || status === 404;
    const why = status >= 500 ? WORDS.uncertain : gone ? WORDS.unavailable : WORDS.refused;
    this.update(conversation.refuse(this.state, key, why));
  }

  private take(event: SseEvent): void {
    this.update(conversation.take(this.state, event));
    if (this.state.conversation) void this.listen();
    if (conversation.isBlank(this.state)) void this.fill();
  }

  /** Follows the stream of events for as long as there is a conversation and somebody looks. */
  private async listen(): Promise<void> {
    if (this.listening) return;
    for (let tries = 0; this.state.conversation && !this.asleep && !this.line.stopped; tries++) {
      const id = this.state.conversation;
      const abort = (this.listening = new AbortController());
      const request = (signal: AbortSignal) => this.around.api.events(id, this.cursor, signal);
      const response = await this.line.ask(request, abort);
      if (response?.ok) {
        // What came before the first stream was there is in the transcript.
        if (this.cursor || (await this.reread())) {
          tries = 0;
          await this.line.read(response, (event) => this.heard(event), abort);
        } else void response.body?.cancel().catch(() => undefined);
      } else if (response?.status === 401) await this.line.renew(tries);
      else if (response?.status === 404 || response?.status === 403) this.forget(id);
      if (!abort.signal.aborted) await this.line.pause(tries);
    }
    this.listening = null;
  }

  private heard(event: SseEvent): void {
    this.cursor = event.id;
    this.take(event);
  }

  /** The conversation is no longer there; the next message begins another. */
  private forget(id: string): void {
    this.cursor = null;
    this.loaded = true;
    if (this.state.conversation !== id) return;
    const turns = this.state.turns.filter((turn) => !turn.id);
    this.update({ conversation: null, turns });
  }

  /** Finds out what was said in turns that others began. */
  private async fill(): Promise<void> {
    if (this.filling) return;
    this.filling = true;
    const sending = this.state.turns.some((turn) => !turn.id && turn.phase === "sending");
    if (sending) await this.around.clock.wait(FILL_MS, new AbortController().signal);
    // A transcript may be a moment older than the event that made us ask; a lost one does not count.
    for (let tries = 0, read = 0; read < FILL_READS && conversation.isBlank(this.state); tries++) {
      if (tries) await this.line.pause(tries);
      if (this.line.stopped) break;
      if (await this.reread()) read++;
    }
    this.update(conversation.giveUp(this.state));
    this.filling = false;
  }

  private async reread(): Promise<boolean> {
    const id = this.state.conversation;
    if (!id) return true;
    const response = await this.line.ask((signal) => this.around.api.transcript(id, signal));
    if (!response?.ok) return false;
    try {
      const transcript = (await response.json()) as Transcript;
      this.loaded = true;
      this.update(conversation.read(this.state, transcript));
      this.around.changed();
      return true;
    } catch {
      // Cut on the way.
      return false;
    }
  }
}

function isStream(response: Response): boolean {
  return response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
}
