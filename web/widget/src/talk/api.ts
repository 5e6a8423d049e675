// The part of the API that a visitor may use.

/** What is sent for a message. The same key always goes with the same body. */
export interface Message {
  message: string;
  conversation_id: string | null;
  stream: true;
}

/** A customer's yes or no. */
export type Decision = "approve" | "reject";

/** Requests as a visitor. They reject when the server cannot be reached. */
export class Api {
  constructor(
    /** Where the server is, with a slash at its end. */
    private readonly base: string,
    private readonly agent: string,
    private readonly token: () => string,
  ) {}

  send(message: Message, key: string, signal: AbortSignal): Promise<Response> {
    return this.post(`v1/agents/${this.agent}/chat`, message, key, signal);
  }

  decide(id: string, decision: Decision, key: string, signal: AbortSignal): Promise<Response> {
    return this.post(`v1/confirmations/${id}`, { decision }, key, signal);
  }

  transcript(id: string, signal: AbortSignal): Promise<Response> {
    return this.request(`v1/conversations/${id}`, {}, { signal });
  }

  events(id: string, last: string | null, signal: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = last ? { "Last-Event-ID": last } : {};
    return this.request(`v1/conversations/${id}/events`, headers, { signal });
  }

  private post(path: string, body: object, key: string, signal: AbortSignal): Promise<Response> {
    const headers = { "Content-Type": "application/json", "Idempotency-Key": `"${key}"` };
    return this.request(path, headers, { method: "POST", body: JSON.stringify(body), signal });
  }

  private request(path: string, headers: Record<string, string>, init: RequestInit): Promise<Response> {
    return fetch(this.base + path, {
      ...init,
      headers: { ...headers, Authorization: `Bearer ${this.token()}` },
      cache: "no-store",
      credentials: "omit",
    });
  }
}

/** As much of a problem document as is read. */
export interface Problem {
  code: string;
  turn_id?: string;
  conversation_id?: string;
}

/** The problem in an answer; an empty code if something else than our server gave it. Null: cut. */
export async function problem(response: Response): Promise<Problem | null> {
  let text;
  try {
    text = await response.text();
  } catch {
    return null;
  }
  try {
    const body = JSON.parse(text) as Partial<Problem> | null;
    return { ...body, code: typeof body?.code === "string" ? body.code : "" };
  } catch {
    return { code: "" };
  }
}
