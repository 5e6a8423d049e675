import createClient, { type Middleware } from 'openapi-fetch';
import { problemOf, unreachable } from './problem';
import type { paths } from './schema';

const refusals: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) throw await problemOf(response);
    return undefined;
  },
  onError() {
    return unreachable();
  },
};

/** The API, by path: `api.GET('/v1/agents/{id}', { params: { path: { id } } })`. A refusal throws `ApiProblem`. */
export const api = createClient<paths>({ baseUrl: '', credentials: 'same-origin' });
api.use(refusals);

/** The body of an answer: `await body(api.GET(…))`. */
export async function body<T>(answer: Promise<{ data?: T; response: Response }>): Promise<NonNullable<T>> {
  const { data } = await answer;
  return data as NonNullable<T>;
}
