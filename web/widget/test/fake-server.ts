// A small stand-in for the server: sessions, chat, events and transcripts, with the real one's rules
// for keys and event ids, and a network that cuts connections where a test wants it.

import { readFile } from "node:fs/promises";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Transcript } from "../src/talk/conversation";

interface Event {
  id: string;
  name: string;
  data: object;
}

interface Turn {
  id: string;
  question: string | null;
  reply: string | null;
  events: Event[];
}

interface Conversation {
  id: string;
  contact: string;
  turns: Turn[];
  listeners: Set<(event: Event) => void>;
  /** The end of the last turn's work: one runs at a time. */
  line: Promise<void>;
}

/** What one turn does, step by step. A number is a place where `next` is awaited. */
export type Step =
  | { say: string }
  | { reset: true }
  | { action: string }
  | { finish: true }
  | { ask: { id: string; display_name: string; parameters: Record<string, string> } }
  | { fail: string }
  | { hold: Promise<unknown> };

/** What a test can decide. */
export interface Plan {
  /** How a message is answered. */
  answer: (message: string) => Step[];
  /** Called for every answer: after how many bytes its connection is cut; null for not at all. */
  cut: (path: string) => number | null;
  /** Called for every request: an answer to give instead, or "drop" to hang up before carrying it out. */
  intercept: (path: string, request: IncomingMessage) => Refusal | "drop" | null;
  origins: string[] | null;
  widget: Record<string, unknown>;
}

export interface Refusal {
  status: number;
  code: string;
  headers?: Record<string, string>;
}

/** The server and what it has seen. */
export class FakeServer {
  readonly plan: Plan = {
    answer: (message) => [{ say: "You said: " }, { say: message }],
    cut: () => null,
    intercept: () => null,
    origins: null,
    widget: {
      title: null,
      greeting: "Hello! Ask me about your order.",
      color: "#1f6feb",
      text_color: "#ffffff",
      position: "right",
    },
  };
  readonly conversations = new Map<string, Conversation>();
  readonly sessions: { origin: string | undefined; body: Record<string, unknown> }[] = [];
  private readonly visitors = new Map<string, string>();
  private readonly claims = new Map<string, { body: string; turn: Turn | null; conversation: Conversation | null }>();
  private readonly server: Server = createServer((request, response) => void this.serve(request, response));
  private count = 0;

  static async start(): Promise<FakeServer> {
    const fake = new FakeServer();
    await new Promise<void>((resolve) => fake.server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  get base(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  /** Cuts every connection there is. */
  cutAll(): void {
    this.server.closeAllConnections();
  }

  /** The only token of a contact. */
  visitor(contact: string): string {
    const token = `dhv_${contact}_${++this.count}`;
    this.visitors.set(token, contact);
    return token;
  }

  revoke(): void {
    this.visitors.clear();
  }

  /** What was said in all, as the server knows it. */
  said(): { question: string | null; reply: string | null }[] {
    return [...this.conversations.values()].flatMap(({ turns }) =>
      turns.map(({ question, reply }) => ({ question, reply })),
    );
  }

  /** The agent says something of its own accord. */
  async followUp(conversation: Conversation, reply: string): Promise<void> {
    await this.run(conversation, null, [{ say: reply }]);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.base);
    const path = url.pathname;
    const refusal = path.startsWith("/v1/") ? this.plan.intercept(path, request) : null;
    if (refusal === "drop") return void request.socket.destroy();
    const body = await text(request);
    if (refusal) return problem(response, refusal.status, refusal.code, {}, refusal.headers);
    this.damage(path, response);
    try {
      if (path === "/v1/widget/sessions") return this.open(request, response, body);
      if (!path.startsWith("/v1/")) return await file(path, response);
      const contact = this.visitors.get((request.headers.authorization ?? "").replace("Bearer ", ""));
      if (contact === undefined) return problem(response, 401, "unauthorized");
      if (path.startsWith("/v1/agents/")) return await this.chat(request, response, contact, body);
      if (path.startsWith("/v1/confirmations/")) return await this.confirm(request, response, contact, body);
      const found = this.conversations.get(path.split("/")[3] ?? "");
      if (!found || found.contact !== contact) return problem(response, 404, "not_found");
      if (path.endsWith("/events")) return this.listen(request, response, found);
      json(response, 200, transcript(found));
    } catch (error) {
      problem(response, 500, String(error));
    }
  }

  /** Cuts the connection after so many bytes of the answer. */
  private damage(path: string, response: ServerResponse): void {
    let left = path.startsWith("/v1/") ? this.plan.cut(path) : null;
    if (left === null) return;
    const write = response.write.bind(response);
    const cut = (chunk: unknown) => {
      const bytes = Buffer.from(String(chunk ?? ""));
      if (left !== null && bytes.length >= left) {
        const rest = bytes.subarray(0, left);
        left = 0;
        if (rest.length) write(rest, () => response.socket?.destroy());
        else response.socket?.destroy();
        return true;
      }
      left = (left ?? 0) - bytes.length;
      return false;
    };
    response.write = ((chunk: unknown) => cut(chunk) || write(String(chunk))) as typeof response.write;
    const end = response.end.bind(response);
    response.end = ((chunk?: unknown) => (cut(chunk) ? response : end(chunk))) as typeof response.end;
  }

  private open(request: IncomingMessage, response: ServerResponse, body: string): void {
    const { origin } = request.headers;
    const allowed = !this.plan.origins || this.plan.origins.includes(origin ?? "");
    if (allowed && origin) {
      response.setHeader("Access-Control-Allow-Origin", origin);
      response.setHeader("Access-Control-Allow-Headers", "content-type");
      response.setHeader("Vary", "Origin");
    }
    if (request.method === "OPTIONS") return void response.writeHead(204).end();
    const given = JSON.parse(body) as Record<string, string>;
    this.sessions.push({ origin, body: given });
    if (!allowed) return problem(response, 403, "origin_not_allowed");
    const proof = given.contact_token;
    if (proof === "expired") return problem(response, 401, "contact_token_invalid");
    const contact = proof ?? this.visitors.get(given.visitor ?? "") ?? `visitor${++this.count}`;
    const known = this.visitors.get(given.visitor ?? "") === contact;
    const token = known ? (given.visitor ?? "") : this.visitor(contact);
    const last = [...this.conversations.values()].filter((one) => one.contact === contact).at(-1);
    json(response, 201, {
      token,
      expires_at: "2026-12-23T00:00:00Z",
      agent: { name: "Shop assistant" },
      widget: this.plan.widget,
      conversation_id: last?.id ?? null,
      contact: { id: contact, verified: proof !== undefined },
    });
  }

  private async chat(request: IncomingMessage, response: ServerResponse, contact: string, body: string): Promise<void> {
    const given = JSON.parse(body) as { message: string; conversation_id: string | null };
    if (given.conversation_id && this.conversations.get(given.conversation_id)?.contact !== contact) {
      return problem(response, 404, "not_found");
    }
    const begin = () => {
      const found = given.conversation_id && this.conversations.get(given.conversation_id);
      return found || this.begin(contact);
    };
    await this.once(request, response, body, begin, given.message, this.plan.answer(given.message));
  }

  private async confirm(request: IncomingMessage, response: ServerResponse, contact: string, body: string): Promise<void> {
    const { decision } = JSON.parse(body) as { decision: string };
    const found = [...this.conversations.values()].find((one) => one.contact === contact);
    if (!found) return problem(response, 404, "not_found");
    await this.once(request, response, body, () => found, null, [{ say: `You chose ${decision}.` }]);
  }

  /** As the real server does it: the same key is carried out once, and goes on without its client. */
  private async once(
    request: IncomingMessage,
    response: ServerResponse,
    body: string,
    where: () => Conversation,
    message: string | null,
    steps: Step[],
  ): Promise<void> {
    const key = String(request.headers["idempotency-key"]);
    const known = this.claims.get(key);
    if (known && known.body !== body) return problem(response, 422, "idempotency_key_reused");
    const { turn, conversation } = known ?? {};
    if (known && (!turn || turn.reply === null)) {
      const about = turn ? { turn_id: turn.id, conversation_id: conversation?.id } : {};
      return problem(response, 409, "idempotency_in_progress", about);
    }
    stream(response);
    if (turn && conversation) {
      const [first, last] = [turn.events[0], turn.events.at(-1)];
      for (const event of [first, last]) if (event) send(response, event);
      return void response.end();
    }
    const begun = where();
    const claim = { body, turn: null as Turn | null, conversation: begun };
    this.claims.set(key, claim);
    await this.run(begun, message, steps, (event, turn) => {
      claim.turn = turn;
      send(response, event);
    });
    response.end();
  }

  private begin(contact: string): Conversation {
    const id = `conv_${String(++this.count).padStart(6, "0")}`;
    const conversation = { id, contact, turns: [], listeners: new Set<never>(), line: Promise.resolve() };
    this.conversations.set(id, conversation);
    return conversation;
  }

  private async run(
    conversation: Conversation,
    question: string | null,
    steps: Step[],
    tell: (event: Event, turn: Turn) => void = () => undefined,
  ): Promise<void> {
    const before = conversation.line;
    let over: () => void = () => undefined;
    conversation.line = new Promise((resolve) => (over = resolve));
    await before;
    const turn: Turn = { id: `turn_${String(++this.count).padStart(6, "0")}`, question, reply: null, events: [] };
    conversation.turns.push(turn);
    const publish = (name: string, data: object) => {
      const last = name === "message.completed" || name === "turn.failed";
      const event = { id: `${turn.id}.${last ? "end" : turn.events.length}`, name, data };
      turn.events.push(event);
      tell(event, turn);
      for (const listener of conversation.listeners) listener(event);
    };
    publish("turn.started", { conversation_id: conversation.id, turn_id: turn.id });
    let reply = "";
    let failed = false;
    for (const step of steps) {
      await new Promise((resolve) => setImmediate(resolve));
      if ("say" in step) publish("message.delta", { text: (reply += step.say) && step.say });
      else if ("reset" in step) (reply = ""), publish("message.reset", {});
      else if ("action" in step) publish("action.started", { id: "inv_1", action: "x", display_name: step.action });
      else if ("finish" in step) publish("action.finished", { id: "inv_1", action: "x", status: "succeeded" });
      else if ("ask" in step) publish("confirmation.requested", step.ask);
      else if ("hold" in step) await step.hold;
      else (failed = true), (reply = step.fail), publish("message.reset", {});
    }
    turn.reply = reply;
    const status = failed ? "failed" : "completed";
    const answer = { conversation_id: conversation.id, turn_id: turn.id, status, reply, confirmation: null };
    publish(failed ? "turn.failed" : "message.completed", answer);
    over();
  }

  private listen(request: IncomingMessage, response: ServerResponse, conversation: Conversation): void {
    stream(response);
    const last = request.headers["last-event-id"];
    const all = conversation.turns.flatMap((turn) => turn.events);
    const running = conversation.turns.findIndex((turn) => turn.reply === null);
    const at = all.findIndex((event) => event.id === last);
    const missed = at >= 0 ? all.slice(at + 1) : running >= 0 ? (conversation.turns[running]?.events ?? []) : [];
    for (const event of missed) send(response, event);
    const listener = (event: Event) => send(response, event);
    conversation.listeners.add(listener);
    response.on("close", () => conversation.listeners.delete(listener));
  }
}

function transcript({ id, turns }: Conversation): Transcript {
  const said = turns.flatMap(({ id: turn_id, question, reply }) => [
    ...(question === null ? [] : [{ turn_id, role: "customer", text: question }]),
    ...(reply === null ? [] : [{ turn_id, role: "agent", text: reply }]),
  ]);
  const status = (turn: Turn) => (turn.reply === null ? "running" : "completed");
  return { id, messages: said, turns: turns.map((turn) => ({ id: turn.id, status: status(turn) })) };
}

function stream(response: ServerResponse): void {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write(": here\n\n");
}

function send(response: ServerResponse, { id, name, data }: Event): void {
  if (!response.destroyed) response.write(`event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}

function problem(response: ServerResponse, status: number, code: string, more = {}, headers = {}): void {
  response.writeHead(status, { "Content-Type": "application/problem+json", ...headers });
  response.end(JSON.stringify({ status, code, ...more }));
}

async function text(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}

const KINDS: Record<string, string> = { js: "text/javascript", css: "text/css", html: "text/html" };

/** The built files, under the policy that the real server gives them. */
async function file(path: string, response: ServerResponse): Promise<void> {
  const name = path === "/widget/frame" ? "/frame.html" : path.replace(/^\/widget\//, "/");
  const kind = KINDS[name.split(".").at(-1) ?? ""];
  if (!kind) return void response.writeHead(404).end();
  const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'";
  response.setHeader("Content-Security-Policy", policy);
  response.writeHead(200, { "Content-Type": kind });
  response.end(await readFile(new URL(`../dist${name}`, import.meta.url)));
}
