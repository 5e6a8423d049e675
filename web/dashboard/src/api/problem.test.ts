import { describe, expect, test } from 'vitest';
import { ApiProblem, asProblem, problemOf } from './problem';

describe('a refused answer', () => {
  test('keeps code, words and fields', async () => {
    const body = { status: 422, code: 'invalid_fields', title: 'Unprocessable', detail: 'Two fields.', errors: [{ field: 'headers.0.name', message: 'is needed' }, { field: 'model', message: '"x" is not a model.' }] };
    const problem = await problemOf(new Response(JSON.stringify(body), { status: 422 }));
    expect(problem.code).toBe('invalid_fields');
    expect(problem.detail).toBe('Two fields.');
    expect(problem.byField()).toEqual({ 'headers.0.name': 'This is needed.', model: '"x" is not a model.' });
  });

  test('tells how long to wait', async () => {
    const problem = await problemOf(new Response('{"code":"too_many_attempts"}', { status: 429, headers: { 'retry-after': '120' } }));
    expect(problem.retryAfter).toBe(120);
  });

  test('that is no JSON (a proxy answered) says so', async () => {
    const problem = await problemOf(new Response('<html>Bad gateway</html>', { status: 502 }));
    expect(problem.code).toBe('unexpected_answer');
    expect(problem.detail).toContain('502');
    expect(problem.detail).not.toContain('<html>');
  });
});

test('anything thrown can be shown', () => {
  expect(asProblem(new TypeError('x is not a function')).detail).toBe('x is not a function');
  const own = new ApiProblem(404, { code: 'not_found' });
  expect(asProblem(own)).toBe(own);
});
