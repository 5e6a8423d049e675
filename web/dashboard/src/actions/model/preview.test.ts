import { describe, expect, it } from 'vitest';
import { requestText, shownRequest } from './preview';

describe('the preview of a request', () => {
  it('reads like the request: line, headers, body', () => {
    const request = shownRequest({
      method: 'POST',
      url: 'https://a.example/',
      headers: { accept: 'application/json', 'webhook-id': 'inv_1' },
      body: '{"action":"a"}',
    });
    expect(requestText(request)).toBe(
      'POST https://a.example/\naccept: application/json\nwebhook-id: inv_1\n\n{\n  "action": "a"\n}',
    );
    expect(request.body).toBe('{"action":"a"}');
  });

  it('takes a body that is JSON, and one that is not', () => {
    const preview = { method: 'POST', url: 'https://a.example/', headers: [{ name: 'a', value: 'b' }] };
    expect(shownRequest({ ...preview, body: { action: 'a' } }).body).toBe('{"action":"a"}');
    expect(requestText(shownRequest({ ...preview, body: 'plain' }))).toContain('\n\nplain');
  });
});
