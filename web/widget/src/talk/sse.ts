// Reads an event stream (WHATWG HTML §9.2.6), however it is cut into pieces on its way.

/** One event as it stood on the wire. */
export interface SseEvent {
  name: string;
  id: string;
  data: string;
}

/** Takes the pieces in order and gives the events that are complete. */
export class SseParser {
  private line = "";
  private afterReturn = false;
  private name = "";
  private id = "";
  private data: string[] = [];

  push(piece: string): SseEvent[] {
    const events: SseEvent[] = [];
    let begin = 0;
    for (let at = 0; at < piece.length; at++) {
      const char = piece.charCodeAt(at);
      if (char !== 10 && char !== 13) {
        this.afterReturn = false;
        continue;
      }
      // The second half of a CR LF, which may come in the next piece, ends no line of its own.
      const half = char === 10 && this.afterReturn;
      this.afterReturn = char === 13;
      if (!half) {
        const event = this.end(this.line + piece.slice(begin, at));
        if (event) events.push(event);
        this.line = "";
      }
      begin = at + 1;
    }
    this.line += piece.slice(begin);
    return events;
  }

  private end(line: string): SseEvent | null {
    if (line === "") return this.dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.name = value;
    else if (field === "data") this.data.push(value);
    else if (field === "id" && !value.includes("\0")) this.id = value;
    return null;
  }

  private dispatch(): SseEvent | null {
    const { name, data } = this;
    this.name = "";
    this.data = [];
    return data.length ? { name: name || "message", id: this.id, data: data.join("\n") } : null;
  }
}

/** Reads a body to its end. Calls `alive` for every piece, even for one with no event in it. */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  take: (event: SseEvent) => void,
  alive: () => void,
): Promise<void> {
  const parser = new SseParser();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    alive();
    for (const event of parser.push(decoder.decode(value, { stream: true }))) take(event);
  }
}
