// Requests that do not give up: what is lost on the way is asked again, until there is an answer that
// decides.

import { type Problem, problem } from "./api";
import { type Clock, backoff } from "./clock";
import { type SseEvent, readEvents } from "./sse";

/** How the connection stands. */
export type Link = "ok" | "reconnecting" | "offline";

/** An answer that decides. `problem` is null for one that is good. */
export interface Answer {
  response: Response;
  problem: Problem | null;
}

/** What a line needs from around it. */
export interface Around {
  clock: Clock;
  online(): boolean;
  /** The link or the waiting has changed. */
  changed(): void;
  /** The token was refused; `renewed` is called when there is another. */
  refresh(): void;
}

/** The server sends a comment every 15 s; a stream that is silent for longer than this is dead. */
const SILENCE_MS = 40_000;
const RENEWAL_MS = 20_000;
const LONGEST_LIMIT_MS = 60_000;

/** The connection to the server. */
export class Line {
  link: Link = "ok";
  /** Whether a message waits because there were too many. */
  waiting = false;
  private nudge = new AbortController();
  private renewal = new AbortController();
  private readonly stopping = new AbortController();

  constructor(private readonly around: Around) {}

  get stopped(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Ends all that is under way. */
  stop(): void {
    this.stopping.abort();
    this.hurry();
    this.renewed();
  }

  /** Ends waits: there is reason to think that the next try will do better. */
  hurry(): void {
    this.nudge.abort();
    this.nudge = new AbortController();
  }

  /** There is a new token. */
  renewed(): void {
    this.renewal.abort();
    this.renewal = new AbortController();
  }

  /** Asks until there is an answer that decides; null if stopped before. */
  async insist(request: (signal: AbortSignal) => Promise<Response>): Promise<Answer | null> {
    for (let tries = 0; !this.stopped; tries++) {
      const response = await this.ask(request);
      if (!response) {
        await this.pause(tries);
        continue;
      }
      if (response.ok) return { response, problem: null };
      const said = await problem(response);
      if (!said) await this.pause(tries);
      else if (response.status === 401) await this.renew(tries);
      else if (response.status === 429) await this.wait(response, tries);
      else if (response.status >= 500 && !replayed(response)) await this.pause(tries);
      else if (said.code === "idempotency_in_progress" && !said.turn_id) await this.pause(tries);
      else return { response, problem: said };
    }
    return null;
  }

  /** Asks once; null if there was no answer. */
  async ask(
    request: (signal: AbortSignal) => Promise<Response>,
    abort = new AbortController(),
  ): Promise<Response | null> {
    const watch = this.watch(abort);
    try {
      const response = await request(abort.signal);
      if (response.status < 500 || replayed(response)) this.set("ok");
      else this.trouble();
      return response;
    } catch {
      if (!abort.signal.aborted || watch.barked) this.trouble();
      return null;
    } finally {
      watch.end();
    }
  }

  /** Passes a stream's events on until it ends, breaks or falls silent. */
  async read(response: Response, take: (event: SseEvent) => void, abort = new AbortController()): Promise<void> {
    if (!response.body) return;
    let watch = this.watch(abort);
    const cut = () => void response.body?.cancel().catch(() => undefined);
    const reader = readEvents(response.body, take, () => {
      watch.end();
      watch = this.watch(abort);
    });
    // A body that was opened without the signal has to be let go as well.
    const aborted = new Promise<void>((resolve) => abort.signal.addEventListener("abort", () => resolve()));
    try {
      await Promise.race([reader, aborted]);
    } catch {
      // Cut; the caller looks at what it has got.
    } finally {
      watch.end();
      reader.catch(() => undefined);
      cut();
    }
  }

  /** Waits before the next try. */
  async pause(tries: number): Promise<void> {
    if (!this.stopped) await this.around.clock.wait(backoff(tries, this.around.clock), this.nudge.signal);
  }

  /** Asks for a new token and waits for it. */
  async renew(tries: number): Promise<void> {
    if (tries) await this.pause(tries);
    if (this.stopped) return;
    const { signal } = this.renewal;
    this.around.refresh();
    await this.around.clock.wait(RENEWAL_MS, signal);
  }

  private async wait(response: Response, tries: number): Promise<void> {
    const seconds = Number(response.headers.get("retry-after"));
    const ms = seconds > 0 ? Math.min(seconds * 1000, LONGEST_LIMIT_MS) : backoff(tries + 2, this.around.clock);
    this.waiting = true;
    this.around.changed();
    await this.around.clock.wait(ms, this.stopping.signal);
    this.waiting = false;
    this.around.changed();
  }

  private trouble(): void {
    if (!this.stopped) this.set(this.around.online() ? "reconnecting" : "offline");
  }

  private set(link: Link): void {
    if (link === this.link) return;
    this.link = link;
    this.around.changed();
  }

  private watch(abort: AbortController): { end(): void; barked: boolean } {
    const over = new AbortController();
    const watch = { barked: false, end: () => over.abort() };
    const bite = () => abort.abort();
    this.stopping.signal.addEventListener("abort", bite, { signal: over.signal });
    if (this.stopped) bite();
    void this.around.clock.wait(SILENCE_MS, over.signal).then(() => {
      if (over.signal.aborted) return;
      watch.barked = true;
      abort.abort();
    });
    return watch;
  }
}

/** Whether it was answered before and would be answered so again. */
function replayed(response: Response): boolean {
  return response.headers.has("idempotency-replayed");
}
