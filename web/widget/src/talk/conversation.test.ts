import fc from "fast-check";
import { expect, test } from "vitest";
import * as conversation from "./conversation";
import { EMPTY, type State, type Transcript, shown } from "./conversation";
import type { SseEvent } from "./sse";

function event(turn: number, place: number | "end", name: string, data: object = {}): SseEvent {
  return { id: `turn_${turn}.${place}`, name, data: JSON.stringify(data) };
}

const started = (turn: number) => event(turn, 0, "turn.started", { conversation_id: "conv_1" });
const delta = (turn: number, place: number, text: string) => event(turn, place, "message.delta", { text });
const completed = (turn: number, reply: string) => event(turn, "end", "message.completed", { reply });

function take(state: State, ...events: SseEvent[]): State {
  return events.reduce(conversation.take, state);
}

function lines(state: State): (string | null | undefined)[] {
  return shown(state).flatMap(({ question, reply }) => [question, reply]);
}

function said(...pairs: [number, string | null, string | null][]): Transcript {
  return {
    id: "conv_1",
    messages: pairs.flatMap(([turn, question, reply]) => [
      ...(question === null ? [] : [{ turn_id: `turn_${turn}`, role: "customer", text: question }]),
      ...(reply === null ? [] : [{ turn_id: `turn_${turn}`, role: "agent", text: reply }]),
    ]),
    turns: pairs.map(([turn, , reply]) => ({
      id: `turn_${turn}`,
      status: reply === null ? "running" : "completed",
    })),
  };
}

test("a reply grows, is taken back, and ends whole", () => {
  const sent = conversation.adopt(conversation.write(EMPTY, "k", "Hi"), "k", "turn_1");
  const growing = take(sent, started(1), delta(1, 1, "Hel"), delta(1, 2, "lo"));
  expect(lines(growing)).toEqual(["Hi", "Hello"]);
  expect(lines(take(growing, event(1, 3, "message.reset")))).toEqual(["Hi", ""]);
  expect(lines(take(growing, completed(1, "Hello!")))).toEqual(["Hi", "Hello!"]);
  expect(take(growing, started(1)).conversation).toBe("conv_1");
});

test("the same event from two streams counts once", () => {
  const state = take(EMPTY, started(1), delta(1, 1, "a"), delta(1, 1, "a"), started(1), delta(1, 2, "b"));
  expect(state.turns.map(({ reply }) => reply)).toEqual(["ab"]);
});

test("nothing moves after the end", () => {
  const state = take(EMPTY, started(1), completed(1, "done"), delta(1, 7, "late"), event(1, 8, "message.reset"));
  expect(state.turns[0]?.reply).toBe("done");
});

test("an action is under way until it is finished or the turn ends", () => {
  const action = event(1, 1, "action.started", { id: "inv_1", display_name: "Check order status" });
  const state = take(EMPTY, started(1), action);
  expect(state.turns[0]?.actions).toEqual([{ id: "inv_1", name: "Check order status" }]);
  expect(take(state, event(1, 2, "action.finished", { id: "inv_1" })).turns[0]?.actions).toEqual([]);
  expect(take(state, completed(1, "x")).turns[0]?.actions).toEqual([]);
});

test("a turn that may be the message being sent is held back until it is known", () => {
  const sending = take(conversation.write(EMPTY, "k", "Hi"), started(1));
  expect(lines(sending)).toEqual(["Hi", ""]);
  expect(lines(conversation.read(sending, said([1, "Hi", null])))).toEqual(["Hi", ""]);
  expect(lines(conversation.read(sending, said([1, "Other", null])))).toEqual(["Other", "", "Hi", ""]);
  const known = conversation.adopt(take(sending, delta(1, 1, "Hey")), "k", "turn_1");
  expect(lines(known)).toEqual(["Hi", "Hey"]);
  expect(known.turns).toHaveLength(1);
});

test("an old message with the same words is not held back", () => {
  const before = conversation.read(EMPTY, said([1, "Hi", "Hello"]));
  expect(lines(conversation.write(before, "k", "Hi"))).toEqual(["Hi", "Hello", "Hi", ""]);
});

test("a message that may have arrived is recognised by its words", () => {
  const state = conversation.read(conversation.write(EMPTY, "k", "Hi"), said([1, "Hi", "Hello"]));
  expect(conversation.recognise(state, "k").turns).toMatchObject([{ id: "turn_1", key: "k", reply: "Hello" }]);
});

test("a refused message says why and can be sent again", () => {
  const refused = conversation.refuse(conversation.write(EMPTY, "k", "Hi"), "k", "No.");
  expect(refused.turns).toMatchObject([{ phase: "unsent", refusal: "No." }]);
  const again = conversation.again(refused, "k", "l");
  expect(again.turns).toMatchObject([{ key: "l", phase: "sending", question: "Hi", refusal: null }]);
});

test("a transcript older than what is known takes nothing back", () => {
  const state = take(EMPTY, started(1), completed(1, "Hello"));
  expect(lines(conversation.read(state, said([1, "Hi", null])))).toEqual(["Hi", "Hello"]);
});

test("a confirmation is asked, decided, and over with the next turn", () => {
  const data = { id: "cfm_1", display_name: "Cancel order", parameters: { order_number: "ORD-1", count: 2 } };
  const asked = take(EMPTY, started(1), event(1, 1, "confirmation.requested", data), completed(1, "Shall I?"));
  expect(asked.turns[0]?.confirmation).toEqual({
    id: "cfm_1",
    title: "Cancel order",
    details: [
      { name: "order number", value: "ORD-1" },
      { name: "count", value: "2" },
    ],
    state: "open",
  });
  expect(conversation.decide(asked, "cfm_1", "approved").turns[0]?.confirmation?.state).toBe("approved");
  expect(take(asked, started(2)).turns[0]?.confirmation?.state).toBe("over");
});

test("what a person said in the agent's place is known to be a person's", () => {
  const heard = take(EMPTY, completed(2, "I am Ada, let me see."));
  expect(conversation.isBlank(heard)).toBe(true);
  const transcript = said([1, "Hi", "Hello"], [2, null, null]);
  transcript.messages.push({ turn_id: "turn_2", role: "person", text: "I am Ada, let me see." });
  transcript.turns = [{ id: "turn_1", status: "completed" }, { id: "turn_2", status: "completed" }];
  const state = conversation.read(heard, transcript);
  expect(shown(state).map(({ question, reply, by }) => [question, reply, by])).toEqual([
    ["Hi", "Hello", "agent"],
    [null, "I am Ada, let me see.", "person"],
  ]);
});

test("replies that were not read are counted", () => {
  const state = conversation.read(EMPTY, said([1, "a", "b"], [2, null, "c"], [3, "d", null]));
  expect(conversation.repliesAfter(state, "")).toBe(2);
  expect(conversation.repliesAfter(state, "turn_1")).toBe(1);
  expect(conversation.lastReplied(state)).toBe("turn_2");
});

test.each(["", "x", "turn_1", "{}", "null", "[]", '"a"', "3"])("an event that makes no sense: %s", (odd) => {
  const state = take(EMPTY, { id: odd, name: "message.delta", data: odd }, { id: "turn_1.1", name: odd, data: odd });
  expect(shown(state).every(({ reply }) => reply === "")).toBe(true);
});

// What the server did: each turn is a message of this tab, of another tab, or of nobody.
const history = fc.array(
  fc.record({
    from: fc.constantFrom("here", "elsewhere", "nobody"),
    question: fc.constantFrom("Hi", "Where is it?", "ORD-1"),
    parts: fc.array(fc.oneof(fc.constantFrom("a", "b ", "c"), fc.constant(null)), { maxLength: 5 }),
  }),
  { minLength: 1, maxLength: 5 },
);

test("whatever is cut, repeated and read in between, nothing is lost and nothing is there twice", () => {
  const steps = fc.array(
    fc.record({
      what: fc.constantFrom("own", "feed", "transcript", "adopt"),
      turn: fc.nat({ max: 4 }),
      from: fc.nat({ max: 8 }),
      count: fc.nat({ max: 8 }),
    }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(history, steps, (turns, steps) => {
      const reply = (parts: (string | null)[]) =>
        parts.slice(parts.lastIndexOf(null) + 1).join("");
      const events = turns.map(({ parts }, turn) => [
        started(turn + 1),
        ...parts.map((part, place) =>
          part === null ? event(turn + 1, place + 1, "message.reset") : delta(turn + 1, place + 1, part),
        ),
        completed(turn + 1, reply(parts)),
      ]);
      const whole = said(
        ...turns.map(({ from, question, parts }, turn): [number, string | null, string] => [
          turn + 1,
          from === "nobody" ? null : question,
          reply(parts),
        ]),
      );
      const own = turns.flatMap(({ from, question }, turn) => (from === "here" ? [{ turn, question }] : []));

      let state = own.reduce((state, { turn, question }) => conversation.write(state, `k${turn}`, question, ""), EMPTY);
      const adopt = (turn: number) => (state = conversation.adopt(state, `k${turn}`, `turn_${turn + 1}`));
      const check = () => {
        const ids = state.turns.flatMap(({ id }) => id ?? []);
        expect(new Set(ids).size).toBe(ids.length);
        // No words are shown more often than they were written.
        for (const text of new Set(turns.map(({ question }) => question))) {
          const written = turns.filter(({ from, question }) => from !== "nobody" && question === text).length;
          const seen = shown(state).filter(({ question }) => question === text).length;
          expect(seen).toBeLessThanOrEqual(written);
        }
      };
      for (const { what, turn, from, count } of steps) {
        const all = events[turn] ?? [];
        // A stream has no holes: it begins at the turn's first event, or just after one that was taken.
        const taken = state.turns.find(({ id }) => id === `turn_${turn + 1}`)?.place ?? -1;
        const begin = Math.min(from, taken + 1);
        if (what === "adopt") adopt(turn);
        else if (what === "transcript") state = conversation.read(state, whole);
        else {
          if (what === "own") adopt(turn);
          state = take(state, ...all.slice(begin, begin + count));
        }
        check();
      }
      for (const { turn } of own) adopt(turn);
      state = conversation.read(take(state, ...events.flat()), whole);
      check();
      expect(lines(state)).toEqual(
        turns.flatMap(({ from, question, parts }) => [from === "nobody" ? null : question, reply(parts)]),
      );
    }),
    { numRuns: 300 },
  );
});

test("what a person says is shown as theirs, live and as stored", () => {
  const live = take(EMPTY, event(1, "end", "message.completed", { reply: "I'm Sam.", role: "person" }));
  expect(shown(live)).toMatchObject([{ question: null, reply: "I'm Sam.", by: "person" }]);
  const stored = conversation.read(EMPTY, {
    id: "conv_1",
    messages: [{ turn_id: "turn_1", role: "person", text: "I'm Sam." }],
    turns: [{ id: "turn_1", status: "completed" }],
  });
  expect(shown(stored)).toMatchObject([{ question: null, reply: "I'm Sam.", by: "person" }]);
});
