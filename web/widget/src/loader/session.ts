// Opens the visitor's session from the owner's page, whose origin the server checks.

import type { Session } from "../protocol";
import { backoff, realClock } from "../talk/clock";
import type { Memory } from "./memory";

/** What the page proves its customer with: a token, or what fetches one. */
export type ContactToken = string | (() => string | Promise<string>) | null;

const PATIENCE_MS = 20_000;
/** A server that does not know the page's origin looks to the page like one that is not there. */
const MOST_SILENCES = 4;

/** Sessions for one agent. */
export class Sessions {
  contactToken: ContactToken = null;

  constructor(
    private readonly base: string,
    private readonly agent: string,
    private readonly memory: Memory,
  ) {}

  /** Opens one; null if there cannot be any, or `signal` is aborted. */
  async open(signal: AbortSignal): Promise<Session | null> {
    // Two tabs that begin together become one visitor: the second finds what the first has kept.
    const locks = navigator.locks as LockManager | undefined;
    for (let tries = 0, silences = 0; !signal.aborted; tries++) {
      const proof = await this.proof();
      const once = () => this.ask(proof, signal);
      const session = await (locks ? locks.request(this.memory.name, once) : once());
      if (session !== "later" && session !== "silence") return signal.aborted ? null : session;
      if (session === "silence" && ++silences === MOST_SILENCES) {
        warn(`${this.base} cannot be reached, or ${location.origin} is not among the allowed widget origins`);
        return null;
      }
      await realClock.wait(backoff(tries, realClock), signal);
    }
    return null;
  }

  private async ask(proof: string | null, signal: AbortSignal): Promise<Session | null | "later" | "silence"> {
    if (signal.aborted) return null;
    const response = await this.post(proof);
    if (!response) return "silence";
    if (response.status === 429 || response.status >= 500) return "later";
    if (response.ok) {
      const session = await response.json().catch(() => null);
      return session ? this.keep(session as Session) : "later";
    }
    if (proof && (response.status === 401 || response.status === 422)) {
      warn("the contact token was refused; the visitor chats without it", await response.text().catch(() => ""));
      return this.ask(null, signal);
    }
    const why =
      response.status === 403
        ? `${location.origin} is not among the allowed widget origins`
        : `there is no widget for ${this.agent}; is it switched on?`;
    warn(why);
    return null;
  }

  private async post(proof: string | null): Promise<Response | null> {
    const visit = this.memory.get();
    // Without a proof, nobody goes on as a customer who was proven earlier: they may have signed out.
    const visitor = visit && (proof || !visit.verified) ? { visitor: visit.token } : {};
    const body = { agent_id: this.agent, ...(proof ? { contact_token: proof } : {}), ...visitor };
    try {
      return await fetch(`${this.base}v1/widget/sessions`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
        credentials: "omit",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch {
      return null;
    }
  }

  private keep(session: Session): Session {
    const before = this.memory.get();
    const { id, verified } = session.contact;
    this.memory.put({
      token: session.token,
      verified,
      contact: id,
      conversation: session.conversation_id,
      seen: before?.contact === id ? before.seen : null,
    });
    return session;
  }

  private async proof(): Promise<string | null> {
    try {
      const given = this.contactToken;
      return (typeof given === "function" ? await given() : given) || null;
    } catch (error) {
      warn("the page could not give a contact token; the visitor chats without it", error);
      return null;
    }
  }
}

/** Tells the page's owner what to mend. */
export function warn(what: string, ...more: unknown[]): void {
  console.warn(`Deskhand: ${what}`, ...more);
}
