// A talk against a server and a network that cuts connections anywhere.

import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { Api } from "../src/talk/api";
import type { Clock } from "../src/talk/clock";
import { shown } from "../src/talk/conversation";
import { Outbox, type Shelf } from "../src/talk/outbox";
import { Talk } from "../src/talk/talk";
import { WORDS } from "../src/talk/words";
import { FakeServer } from "./fake-server";

/** Backing off takes no time; only what is meant to outlast a test does. */
const clock: Clock = {
  wait: (ms, signal) =>
    new Promise((resolve) => {
      if (ms < 20_000 || signal.aborted) return void setImmediate(resolve);
      signal.addEventListener("abort", () => resolve());
    }),
  random: () => 0.5,
};

function memory(): Shelf {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

const open: { server: FakeServer; talks: Talk[] }[] = [];
let keys = 0;

class Tab {
  readonly talk: Talk;
  private waiting: (() => void)[] = [];
  token: string;

  constructor(
    server: FakeServer,
    readonly contact = "ada",
    shelf: Shelf | null = memory(),
    now = () => 0,
  ) {
    this.token = server.visitor(contact);
    this.talk = new Talk({
      api: new Api(server.base, "agt_1", () => this.token),
      outbox: new Outbox(shelf, "outbox", now),
      clock,
      newKey: () => `key${++keys}`,
      online: () => true,
      changed: () => this.waiting.splice(0).forEach((wake) => wake()),
      refresh: () => {
        this.token = server.visitor(contact);
        this.talk.line.renewed();
      },
    });
    open.find((one) => one.server === server)?.talks.push(this.talk);
  }

  lines(): unknown[] {
    return shown(this.talk.state).map(({ question, reply }) => [question, reply]);
  }

  /** Resolves when this is so. */
  async until(is: () => boolean): Promise<void> {
    while (!is()) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /**
   * Resolves when so many turns are over and shown. Known is not enough: while a message's own turn is
   * not known to be its own, turns that it may be are held back.
   */
  settled(count: number): Promise<void> {
    const over = () => shown(this.talk.state).filter(({ phase }) => phase === "done");
    return this.until(() => over().length >= count);
  }
}

async function serve(): Promise<FakeServer> {
  const server = await FakeServer.start();
  open.push({ server, talks: [] });
  return server;
}

async function close(): Promise<void> {
  for (const { server, talks } of open.splice(0)) {
    for (const talk of talks) talk.stop();
    await server.stop();
  }
}

afterEach(close);

test("a conversation in two tabs stays in step", async () => {
  const server = await serve();
  const [one, two] = [new Tab(server), new Tab(server)];
  one.talk.start(null);
  one.talk.send("Hi");
  await one.settled(1);
  two.talk.start(one.talk.state.conversation);
  await two.settled(1);
  two.talk.send("And you?");
  await Promise.all([one.settled(2), two.settled(2)]);
  expect(one.lines()).toEqual([
    ["Hi", "You said: Hi"],
    ["And you?", "You said: And you?"],
  ]);
  expect(two.lines()).toEqual(one.lines());
});

test("messages written at once arrive in order, in one conversation", async () => {
  const server = await serve();
  const tab = new Tab(server);
  tab.talk.start(null);
  for (const text of ["a", "b", "c"]) tab.talk.send(text);
  await tab.settled(3);
  expect(server.conversations.size).toBe(1);
  expect(server.said().map(({ question }) => question)).toEqual(["a", "b", "c"]);
});

test("what the agent says of its own accord comes in", async () => {
  const server = await serve();
  const tab = new Tab(server);
  tab.talk.start(null);
  tab.talk.send("Refund it");
  await tab.settled(1);
  const [only] = server.conversations.values();
  if (only) await server.followUp(only, "The refund is done.");
  await tab.settled(2);
  expect(tab.lines().at(-1)).toEqual([null, "The refund is done."]);
});

test("a message that is still being worked on is followed, not sent twice", async () => {
  const server = await serve();
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  server.plan.answer = () => [{ say: "Wait… " }, { hold: held }, { say: "done." }];
  // Cut within the very first event: the tab cannot know which turn it is.
  const cuts = [30];
  server.plan.cut = (path) => (path.endsWith("/chat") ? (cuts.pop() ?? null) : null);
  const tab = new Tab(server);
  tab.talk.start(null);
  tab.talk.send("Hi");
  await tab.until(() => tab.talk.state.turns[0]?.reply === "Wait… ");
  release();
  await tab.settled(1);
  expect(tab.lines()).toEqual([["Hi", "Wait… done."]]);
  expect(server.said()).toHaveLength(1);
});

test("a message that was on its way when the page was left is delivered once by the next page", async () => {
  const server = await serve();
  const shelf = memory();
  const first = new Tab(server, "ada", shelf);
  server.plan.cut = () => 0;
  first.talk.start(null);
  first.talk.send("Hi");
  await first.until(() => first.talk.line.link === "reconnecting" && server.said().length === 1);
  first.talk.stop();
  server.plan.cut = () => null;
  const second = new Tab(server, "ada", shelf);
  second.talk.start([...server.conversations.keys()][0] ?? null);
  await second.until(() => second.lines().length === 1 && second.talk.state.turns[0]?.phase === "done");
  expect(second.lines()).toEqual([["Hi", "You said: Hi"]]);
  expect(server.said()).toHaveLength(1);
});

test("a message so old that its key is forgotten is left to the customer", async () => {
  const server = await serve();
  const shelf = memory();
  new Outbox(shelf, "outbox", () => 0).add({ key: "old", text: "Hi", after: "" });
  const tab = new Tab(server, "ada", shelf, () => 24 * 3_600_000);
  tab.talk.start(null);
  expect(tab.talk.state.turns).toMatchObject([{ phase: "unsent", refusal: WORDS.uncertain }]);
  tab.talk.again("old");
  await tab.settled(1);
  expect(server.said()).toHaveLength(1);
});

test("a refused token is renewed", async () => {
  const server = await serve();
  const tab = new Tab(server);
  tab.talk.start(null);
  server.revoke();
  tab.talk.send("Hi");
  await tab.settled(1);
  expect(tab.lines()).toEqual([["Hi", "You said: Hi"]]);
});

test("too many messages: this one waits, says so, and goes out", async () => {
  const server = await serve();
  let refusals = 1;
  server.plan.intercept = (path) =>
    path.endsWith("/chat") && refusals-- > 0
      ? { status: 429, code: "too_many_requests", headers: { "Retry-After": "2" } }
      : null;
  const tab = new Tab(server);
  tab.talk.start(null);
  tab.talk.send("Hi");
  await tab.until(() => tab.talk.line.waiting);
  await tab.settled(1);
  expect(tab.talk.line.waiting).toBe(false);
});

test.each([
  [422, "invalid_fields", WORDS.refused],
  [403, "forbidden", WORDS.unavailable],
  [404, "not_found", WORDS.unavailable],
  [409, "contact_mismatch", WORDS.refused],
])("%i %s: the customer is told and can try again", async (status, code, words) => {
  const server = await serve();
  server.plan.intercept = (path) => (path.endsWith("/chat") ? { status, code } : null);
  const tab = new Tab(server);
  tab.talk.start(null);
  tab.talk.send("Hi");
  await tab.until(() => tab.talk.state.turns[0]?.phase === "unsent");
  expect(tab.talk.state.turns[0]?.refusal).toBe(words);
  server.plan.intercept = () => null;
  tab.talk.again(tab.talk.state.turns[0]?.key ?? "");
  await tab.settled(1);
  expect(server.said()).toHaveLength(1);
});

test("an answer that will always be an error is not asked for for ever", async () => {
  const server = await serve();
  const headers = { "Idempotency-Replayed": "true" };
  server.plan.intercept = (path) => (path.endsWith("/chat") ? { status: 500, code: "internal", headers } : null);
  const tab = new Tab(server);
  tab.talk.start(null);
  tab.talk.send("Hi");
  await tab.until(() => tab.talk.state.turns[0]?.phase === "unsent");
  expect(tab.talk.state.turns[0]?.refusal).toBe(WORDS.uncertain);
});

test("a conversation that is gone gives way to a new one", async () => {
  const server = await serve();
  const tab = new Tab(server);
  tab.talk.start("conv_gone");
  tab.talk.send("Hi");
  await tab.settled(1);
  expect(tab.lines()).toEqual([["Hi", "You said: Hi"]]);
});

test("a failed turn is a reply like any other", async () => {
  const server = await serve();
  server.plan.answer = () => [{ say: "half a" }, { fail: "I can't check that just now." }];
  const tab = new Tab(server);
  tab.talk.start(null);
  tab.talk.send("Hi");
  await tab.settled(1);
  expect(tab.lines()).toEqual([["Hi", "I can't check that just now."]]);
});

test("a confirmation is decided and its turn follows", async () => {
  const server = await serve();
  server.plan.answer = () => [{ ask: { id: "cfm_1", display_name: "Cancel order", parameters: {} } }, { say: "Shall I?" }];
  const tab = new Tab(server);
  tab.talk.start(null);
  tab.talk.send("Cancel it");
  await tab.settled(1);
  await tab.talk.decide("cfm_1", "approve");
  await tab.settled(2);
  expect(tab.lines()).toEqual([
    ["Cancel it", "Shall I?"],
    [null, "You chose approve."],
  ]);
  expect(tab.talk.state.turns[0]?.confirmation?.state).toBe("approved");
});

test("a confirmation that is no longer open says so", async () => {
  const server = await serve();
  server.plan.answer = () => [{ ask: { id: "cfm_1", display_name: "Cancel order", parameters: {} } }, { say: "Shall I?" }];
  server.plan.intercept = (path) => (path.includes("confirmations") ? { status: 404, code: "not_found" } : null);
  const tab = new Tab(server);
  tab.talk.start(null);
  tab.talk.send("Cancel it");
  await tab.settled(1);
  await tab.talk.decide("cfm_1", "approve");
  expect(tab.talk.state.turns[0]?.confirmation?.state).toBe("over");
});

test("a tab that nobody looks at catches up when it is looked at again", async () => {
  const server = await serve();
  const [one, two] = [new Tab(server), new Tab(server)];
  one.talk.start(null);
  one.talk.send("a");
  await one.settled(1);
  two.talk.start(one.talk.state.conversation);
  await two.settled(1);
  two.talk.sleep();
  one.talk.send("b");
  await one.settled(2);
  expect(two.lines()).toHaveLength(1);
  two.talk.wake();
  await two.settled(2);
  expect(two.lines()).toEqual(one.lines());
});

test("wherever connections are cut, nothing is lost and nothing is there twice", async () => {
  const cut = fc.option(fc.nat({ max: 700 }), { nil: null, freq: 3 });
  const fates = fc.array(fc.record({ cut, drop: fc.boolean() }), { maxLength: 25 });
  const texts = fc.array(fc.constantFrom("Hi", "Hi", "ORD-12345", "Grüße 👋"), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(texts, texts, fates, async (mine, theirs, fates) => {
      const server = await serve();
      const left = [...fates];
      server.plan.answer = (text) => [{ say: "Let me" }, { reset: true }, { action: "Check" }, { finish: true }, { say: `You said: ${text}` }];
      server.plan.intercept = () => (left[0]?.drop && left.shift() ? "drop" : null);
      server.plan.cut = () => left.shift()?.cut ?? null;
      await speak(server, mine, theirs).finally(close);
    }),
    { numRuns: 60 },
  );
}, 60_000);

/** Two tabs write; in the end both show just what the server has. */
async function speak(server: FakeServer, mine: string[], theirs: string[]): Promise<void> {
  const [one, two] = [new Tab(server), new Tab(server)];
  one.talk.start(null);
  for (const text of mine) one.talk.send(text);
  await one.until(() => one.talk.state.conversation !== null);
  two.talk.start(one.talk.state.conversation);
  for (const text of theirs) two.talk.send(text);
  const all = mine.length + theirs.length;
  await Promise.all([one.settled(all), two.settled(all)]);
  const told = server.said().map(({ question, reply }) => [question, reply]);
  expect(told).toHaveLength(all);
  expect(told.map(([, reply]) => reply)).toEqual(told.map(([question]) => `You said: ${question}`));
  expect(one.lines()).toEqual(told);
  expect(two.lines()).toEqual(told);
}
