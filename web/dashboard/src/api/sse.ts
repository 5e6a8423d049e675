/** One server-sent event (WHATWG HTML, section 9.2). */
export interface ServerEvent {
  /** The id in force when it came; empty if the server has given none. */
  id: string;
  event: string;
  data: string;
}

/** Puts events together from text that arrives in pieces, cut anywhere. */
export class EventParser {
  private rest = '';
  private atStart = true;
  private afterReturn = false;
  private id = '';
  private event = '';
  private data: string[] = [];

  /** Takes the next piece; answers the events that it completes. */
  push(piece: string): ServerEvent[] {
    if (piece === '') return [];
    let text = piece;
    if (this.atStart) {
      this.atStart = false;
      if (text.startsWith('\uFEFF')) text = text.slice(1);
    }
    const done: ServerEvent[] = [];
    let from = 0;
    for (let at = 0; at < text.length; at += 1) {
      const mark = text[at];
      if (mark === '\n' && this.afterReturn) {
        // The second half of a line end that the piece before has begun.
        this.afterReturn = false;
        from = at + 1;
        continue;
      }
      this.afterReturn = mark === '\r';
      if (mark !== '\n' && mark !== '\r') continue;
      const complete = this.line(this.rest + text.slice(from, at));
      if (complete !== null) done.push(complete);
      this.rest = '';
      from = at + 1;
    }
    this.rest += text.slice(from);
    return done;
  }

  private line(line: string): ServerEvent | null {
    if (line === '') return this.dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.event = value;
    else if (field === 'data') this.data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.id = value;
    return null;
  }

  private dispatch(): ServerEvent | null {
    const event = this.event === '' ? 'message' : this.event;
    const data = this.data;
    this.event = '';
    this.data = [];
    return data.length === 0 ? null : { id: this.id, event, data: data.join('\n') };
  }
}

/** The events of a response, as they come. Ends where the body ends, in order or not. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = new EventParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    // A reader that stops early frees the connection; one whose body broke has none left to free.
    await reader.cancel().catch(() => undefined);
  }
}
