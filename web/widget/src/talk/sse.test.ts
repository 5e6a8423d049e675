import fc from "fast-check";
import { expect, test } from "vitest";
import { type SseEvent, SseParser, readEvents } from "./sse";

function parse(pieces: string[]): SseEvent[] {
  const parser = new SseParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

/** Cuts at these places, each a share of the length. */
function cutAt<T extends string | Uint8Array>(whole: T, shares: number[]): T[] {
  const places = shares.map((share) => Math.floor(share * whole.length)).sort((a, b) => a - b);
  return [0, ...places].map((from, i) => whole.slice(from, places[i] ?? whole.length) as T);
}

const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });
const ending = fc.constantFrom("\n", "\r", "\r\n");
const line = fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\r\n\0\uFEFF]/g, ""));
const event = fc.record({
  name: line.filter((name) => name !== ""),
  id: line,
  data: fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) => lines.join("\n")),
});

function written({ name, id, data }: SseEvent, end: string): string {
  const lines = [`event: ${name}`, ": a comment", `id: ${id}`, ...data.split("\n").map((part) => `data: ${part}`), ""];
  return lines.map((part) => part + end).join("");
}

test("one event", () => {
  expect(parse(["event: a\nid: 1\ndata: x\ndata:y\n\n"])).toEqual([{ name: "a", id: "1", data: "x\ny" }]);
});

test("comments, unknown fields and events without data give nothing", () => {
  expect(parse([": still here\n\nfoo: bar\nevent: a\n\n"])).toEqual([]);
});

test("an event that breaks off is not given", () => {
  expect(parse(["data: x\n"])).toEqual([]);
});

test("a carriage return and a line feed in two pieces end one line", () => {
  expect(parse(["data: x\r", "\n\r", "\ndata: y\r\n\r\n"]).map(({ data }) => data)).toEqual(["x", "y"]);
});

test("the id stays until there is another; one with NUL is ignored", () => {
  expect(parse(["id: 1\ndata: x\n\nid: \0\ndata: y\n\n"]).map(({ id }) => id)).toEqual(["1", "1"]);
});

test("whatever the cuts, the same events come out", () => {
  fc.assert(
    fc.property(fc.array(event), ending, shares, (events, end, cuts) => {
      const wire = events.map((one) => written(one, end)).join("");
      expect(parse(cutAt(wire, cuts))).toEqual(events);
    }),
  );
});

test("whatever the cuts between bytes, the same events come out", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event), ending, shares, async (events, end, cuts) => {
      const wire = new TextEncoder().encode(events.map((one) => written(one, end)).join(""));
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const piece of cutAt(wire, cuts)) controller.enqueue(piece);
          controller.close();
        },
      });
      const taken: SseEvent[] = [];
      await readEvents(body, (one) => taken.push(one), () => undefined);
      expect(taken).toEqual(events);
    }),
  );
});
