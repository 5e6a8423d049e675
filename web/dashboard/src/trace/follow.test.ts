import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiProblem } from '../api/problem';
import type { TurnEvent } from './events';
import { chat, type Wire } from './follow';

const EVENTS: [string, unknown][] = [
  ['turn.started', { conversation_id: 'conv_1', turn_id: 'turn_1' }],
  ['message.delta', { text: 'It has ' }],
  ['message.delta', { text: 'shipped.' }],
  ['message.completed', { conversation_id: 'conv_1', turn_id: 'turn_1', status: 'completed', reply: 'It has shipped.', invocations: [] }],
];
const IDS = ['turn_1.0', 'turn_1.1', 'turn_1.2', 'turn_1.end'];
const REQUEST = { message: 'Where is it?', conversation_id: null, mode: 'test' as const, contact: null };

/** A server that has one turn and breaks each answer after so many bytes. */
function server(cuts: number[]): { wire: Wire; posts: string[] } {
  const posts: string[] = [];
  let begun = false;
  const wire: Wire = {
    wait: () => Promise.resolve(),
    fetch: (url, init) => {
      const headers = new Headers(init?.headers);
      const cut = cuts.shift();
      if (cut === 0) return Promise.reject(new TypeError('network'));
      let from = 0;
      if (String(url).endsWith('/chat')) {
        posts.push(headers.get('idempotency-key') ?? '');
        if (begun) {
          const problem = { code: 'idempotency_in_progress', conversation_id: 'conv_1', turn_id: 'turn_1' };
          return Promise.resolve(new Response(JSON.stringify(problem), { status: 409 }));
        }
        begun = true;
      } else {
        from = IDS.indexOf(headers.get('last-event-id') ?? '') + 1;
      }
      const text = EVENTS.slice(from)
        .map(([name, data], index) => `event: ${name}\nid: ${IDS[from + index]}\ndata: ${JSON.stringify(data)}\n\n`)
        .join('');
      return Promise.resolve(new Response(broken(text, cut)));
    },
  };
  return { wire, posts };
}

function broken(text: string, cut: number | undefined): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.slice(0, cut ?? bytes.length));
      if (cut === undefined) controller.close();
    },
    pull(controller) {
      controller.error(new TypeError('cut'));
    },
  });
}

async function read(wire: Wire): Promise<TurnEvent[]> {
  const events: TurnEvent[] = [];
  for await (const event of chat('agt_1', REQUEST, 'key', new AbortController().signal, wire)) events.push(event);
  return events;
}

describe('chat', () => {
  it('gives the events of the turn', async () => {
    const { wire } = server([]);
    expect((await read(wire)).map((event) => event.event)).toEqual(EVENTS.map(([name]) => name));
  });

  it('gives each event once, in order, wherever connections break', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(400), { maxLength: 5 }), async (cuts) => {
        const { wire, posts } = server([...cuts]);
        expect((await read(wire)).map((event) => event.event)).toEqual(EVENTS.map(([name]) => name));
        expect(new Set(posts).size).toBe(1);
      }),
    );
  });

  it('throws what the server refuses', async () => {
    const wire: Wire = {
      wait: () => Promise.resolve(),
      fetch: () => Promise.resolve(new Response('{"code":"conflict","detail":"Another mode."}', { status: 409 })),
    };
    await expect(read(wire)).rejects.toMatchObject({ code: 'conflict', detail: 'Another mode.' });
  });

  it('gives up on a server that stays away', async () => {
    let waited = 0;
    const wire: Wire = {
      wait: (ms) => {
        waited += ms;
        return Promise.resolve();
      },
      fetch: () => Promise.reject(new TypeError('network')),
    };
    const problem = await read(wire).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(ApiProblem);
    expect(problem).toMatchObject({ code: 'unreachable' });
    expect(waited).toBeGreaterThan(5_000);
  });
});
