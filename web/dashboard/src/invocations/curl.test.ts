import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { curl, curlNotes } from './curl';

const REQUEST = {
  url: 'https://api.example.com/orders?a=b&c=$d',
  headers: [
    { name: 'content-type', value: 'application/json' },
    { name: 'content-length', value: '12' },
    { name: 'x-token', value: '[redacted]' },
    { name: 'webhook-signature', value: 'v1,abc=' },
  ],
  body: `{"name":"O'Hara"}`,
};

describe('curl', () => {
  it('is a command of one header a line', () => {
    expect(curl(REQUEST)).toBe(
      [
        "curl --request POST 'https://api.example.com/orders?a=b&c=$d' \\",
        "  --header 'content-type: application/json' \\",
        "  --header 'x-token: [redacted]' \\",
        "  --header 'webhook-signature: v1,abc=' \\",
        `  --data-raw '{"name":"O'\\''Hara"}'`,
      ].join('\n'),
    );
  });

  it('says what has to be filled in', () => {
    expect(curlNotes(REQUEST)).toHaveLength(2);
    expect(curlNotes(REQUEST)[0]).toContain('x-token');
    expect(curlNotes({ ...REQUEST, headers: [] })).toEqual([]);
  });

  it('keeps a body whole, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (body) => {
        const command = curl({ url: 'https://a.example/', headers: [], body });
        expect(words(command).at(-1)).toBe(body);
        expect(words(command)).toHaveLength(6);
      }),
    );
  });

  it('keeps curl from reading brackets in an address as a pattern', () => {
    expect(curl({ ...REQUEST, url: 'https://[2001:db8::1]/' })).toContain("--globoff --request POST 'https://[");
  });
});

/** The words of a command, as a POSIX shell parts them, as far as these commands need it. */
function words(command: string): string[] {
  const found: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < command.length; at += 1) {
    const mark = command[at];
    if (mark === "'") {
      const end = command.indexOf("'", at + 1);
      word = (word ?? '') + command.slice(at + 1, end);
      at = end;
    } else if (mark === '\\' && command[at + 1] === '\n') {
      at += 1;
    } else if (mark === '\\') {
      at += 1;
      word = (word ?? '') + command[at];
    } else if (mark === ' ') {
      if (word !== null) found.push(word);
      word = null;
    } else {
      word = (word ?? '') + mark;
    }
  }
  if (word !== null) found.push(word);
  return found;
}
