// Messages that are not known to have arrived, kept over page loads.

/** A message with the key it is sent under, and the conversation it was first sent to. */
export interface Pending {
  key: string;
  text: string;
  after: string;
  /** Undefined until it is sent: the same key always goes with the same body. */
  conversation?: string | null;
  /** When it was written, in milliseconds since 1970. */
  at: number;
}

/** Servers forget a key after 24 h; an older message is not sent again by itself. */
const KEPT_MS = 23 * 3_600_000;

/** As much of a browser's storage as is used. */
export type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** What is still to be delivered, in order. */
export class Outbox {
  private pending: Pending[];

  constructor(
    private readonly shelf: Shelf | null,
    private readonly name: string,
    private readonly now: () => number,
  ) {
    this.pending = this.load();
  }

  all(): readonly Pending[] {
    return this.pending;
  }

  find(key: string): Pending | undefined {
    return this.pending.find((message) => message.key === key);
  }

  add(message: Omit<Pending, "at">): void {
    this.pending.push({ ...message, at: this.now() });
    this.save();
  }

  direct(key: string, conversation: string | null): void {
    const message = this.find(key);
    if (message) message.conversation = conversation;
    this.save();
  }

  remove(key: string): void {
    this.pending = this.pending.filter((message) => message.key !== key);
    this.save();
  }

  isOld(message: Pending): boolean {
    return this.now() - message.at > KEPT_MS;
  }

  private load(): Pending[] {
    try {
      const kept: unknown = JSON.parse(this.shelf?.getItem(this.name) ?? "[]");
      return Array.isArray(kept) ? (kept as Pending[]) : [];
    } catch {
      // A browser may refuse its storage; the page then remembers until it is left.
      return [];
    }
  }

  private save(): void {
    try {
      if (this.pending.length) this.shelf?.setItem(this.name, JSON.stringify(this.pending));
      else this.shelf?.removeItem(this.name);
    } catch {
      // As above.
    }
  }
}
