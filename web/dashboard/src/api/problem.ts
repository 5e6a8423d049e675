/** One field that the server refused: its path with dots (`headers.0.name`), and why. */
export type FieldError = { field: string; message: string };

type ProblemBody = { status?: number; code?: string; title?: string; detail?: string; errors?: FieldError[] };

/** A refusal of the API (RFC 9457), or that it could not be reached (`code` is then `unreachable`). */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: FieldError[];
  /** Seconds to wait, where the server said so. */
  readonly retryAfter: number | null;

  constructor(status: number, body: ProblemBody, retryAfter: number | null = null) {
    super(body.detail ?? body.title ?? `The server answered ${status}.`);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = body.code ?? 'unexpected_answer';
    this.title = body.title ?? 'Unexpected answer';
    this.detail = this.message;
    this.errors = body.errors ?? [];
    this.retryAfter = retryAfter;
  }

  /** Field errors as Mantine's `form.setErrors` takes them. */
  byField(): Record<string, string> {
    return Object.fromEntries(this.errors.map(({ field, message }) => [field, sentence(message)]));
  }
}

/** Reads a refused answer. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const text = await response.text();
  const wait = Number(response.headers.get('retry-after'));
  const retryAfter = Number.isFinite(wait) && wait > 0 ? wait : null;
  try {
    const body = JSON.parse(text) as ProblemBody;
    return new ApiProblem(response.status, { ...body, title: heading(response.status) ?? body.title }, retryAfter);
  } catch {
    const detail = `The server answered ${response.status} without saying why. Is something between you and Deskhand answering in its place?`;
    return new ApiProblem(response.status, { detail }, retryAfter);
  }
}

// The server's title is the status in words; people are told what became of what they did.
function heading(status: number): string | undefined {
  const headings: Record<number, string> = {
    401: 'Not signed in', 403: 'Not allowed', 404: 'Not found', 409: 'Not possible as things are',
    413: 'Too large', 422: 'Not accepted', 429: 'Too many requests',
  };
  return headings[status] ?? (status >= 500 ? 'The server failed' : undefined);
}

/** The server did not answer at all. */
export function unreachable(): ApiProblem {
  return new ApiProblem(0, {
    code: 'unreachable',
    title: 'Deskhand could not be reached',
    detail: "We couldn't reach the Deskhand server. Check your connection and that it is running, then try again.",
  });
}

/** What to show for anything that was thrown. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new ApiProblem(0, { code: 'page_error', title: 'This page stopped', detail });
}

// The server's words are meant to follow the field's name: "is required", "must be from 1 to 120".
function sentence(text: string): string {
  const whole = /^(is|are|has|have|must|may|can|cannot|does|names|needs|holds)\b/.test(text)
    ? `This ${text}`
    : text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
