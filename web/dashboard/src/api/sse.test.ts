import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventParser, readEvents, type ServerEvent } from './sse';

function all(text: string): ServerEvent[] {
  return new EventParser().push(text);
}

describe('EventParser', () => {
  it('reads name, id and data', () => {
    expect(all('event: message.delta\nid: turn_1.3\ndata: {"text":"a"}\n\n')).toEqual([
      { id: "turn_1.3", event: "message.delta", data: '{"text":"a"}' },
    ]);
  });

  it('joins several data lines', () => {
    expect(all('data: a\ndata:b\ndata\n\n')).toEqual([{ id: '', event: 'message', data: 'a\nb\n' }]);
  });

  it('keeps the id for the events that follow', () => {
    expect(all('id: 1\ndata: a\n\ndata: b\n\n').map((event) => event.id)).toEqual(['1', '1']);
  });

  it('passes over comments, unknown fields and events without data', () => {
    expect(all(': alive\n\nevent: x\n\nretry: 3\nwhat: now\n\n')).toEqual([]);
  });

  it('does not carry a name over to the next event', () => {
    expect(all('event: x\n\ndata: a\n\n')).toEqual([{ id: '', event: 'message', data: 'a' }]);
  });

  it('holds back an event that is cut off', () => {
    expect(all('data: a\n')).toEqual([]);
  });

  it('passes over a byte order mark', () => {
    expect(all('\uFEFFdata: a\n\n')).toHaveLength(1);
  });

  it('gives the same events wherever the pieces are cut, with any line end', () => {
    const word = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n\0]/g, ''));
    const event = fc.record({ id: word, event: word, data: fc.array(word, { minLength: 1 }) });
    const end = fc.constantFrom('\n', '\r', '\r\n');
    fc.assert(
      fc.property(fc.array(event), end, fc.infiniteStream(fc.nat(9)), (events, newline, sizes) => {
        const text = events
          .map(({ id, event: name, data }) =>
            [`id: ${id}`, `event: ${name}`, ...data.map((line) => `data: ${line}`), '', ''].join(newline),
          )
          .join('');
        const parser = new EventParser();
        const read: ServerEvent[] = [];
        for (let at = 0; at < text.length; ) {
          const size = sizes.next().value ?? 1;
          read.push(...parser.push(text.slice(at, at + size)));
          at += size;
        }
        expect(read).toEqual(
          events.map(({ id, event: name, data }) => ({
            id,
            event: name === '' ? 'message' : name,
            data: data.join('\n'),
          })),
        );
      }),
    );
  });
});

describe('readEvents', () => {
  it('puts characters together that are cut between their bytes', async () => {
    const bytes = new TextEncoder().encode('data: é€😀\n\n');
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });
    const read: ServerEvent[] = [];
    for await (const event of readEvents(body)) read.push(event);
    expect(read).toEqual([{ id: '', event: 'message', data: 'é€😀' }]);
  });
});
