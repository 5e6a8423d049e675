import { describe, expect, it } from 'vitest';
import { callShape, seenParameters } from './seen';
import { snippets } from './snippets';
import { verdict } from './url-verdict';
import type { Note } from './places';

describe('what the agent sees', () => {
  const schema = {
    type: 'object',
    properties: {
      order_number: { type: 'string', pattern: '^ORD' },
      size: { enum: ['s', 7] },
      email: { type: 'string', 'x-source': 'contact.email' },
    },
    required: ['order_number', 'email'],
  };

  it('is the call, without what the server fills in', () => {
    expect(callShape('check', schema)).toBe('check(order_number, size?)');
    expect(seenParameters(schema).map((seen) => seen.kind)).toEqual(['string, ^ORD', 'one of s, 7']);
  });
});

describe('the verdict on a URL', () => {
  const note: Note = {
    severity: 'error',
    code: 'url_refused',
    field: 'webhook_url',
    message: 'The URL is refused by rule port_not_allowed: Only the ports 443 and 8443 are called.',
    suggestion: '',
  };

  it('names the rule that refuses', () => {
    expect(verdict('https://a.example:99/', [note], true)).toMatchObject({
      state: 'refused',
      rule: 'port_not_allowed',
    });
    expect(verdict('https://a.example:8443/', [], true)).toEqual({ state: 'fine', text: 'Public, TLS, port 8443' });
    expect(verdict('https://10.1.2.3/', [], true)).toMatchObject({
      text: expect.stringContaining('operator') as string,
    });
    expect(verdict('https://a.example/', [note], false)).toEqual({ state: 'checking' });
    expect(verdict(' ', [note], true)).toEqual({ state: 'empty' });
  });
});

describe('the snippets', () => {
  it('carry the path of the URL, and nothing that could break out of a literal', () => {
    expect(snippets('https://a.example/deskhand/orders')[0]?.code).toContain('"/deskhand/orders"');
    for (const odd of ['https://a.example/"+evil()+"', 'nonsense', "https://a.example/a'b"]) {
      expect(snippets(odd)[0]?.code).toMatch(/app\.post\("[\w\-./~%]+"/);
    }
  });
});
