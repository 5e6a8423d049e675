// What the widget remembers of a visitor on the owner's page.

/** Kept in the page's localStorage, or only in memory if that is refused. */
export interface Visit {
  token: string;
  /** Whether the site had proven who it was. */
  verified: boolean;
  contact: string;
  conversation: string | null;
  /** The last turn that was read. */
  seen: string | null;
}

/** Where a visit is kept. */
export class Memory {
  private visit: Visit | null = null;

  constructor(readonly name: string) {}

  get(): Visit | null {
    try {
      const text = localStorage.getItem(this.name);
      if (text !== null) this.visit = parse(text);
    } catch {
      // Storage is refused; what is in memory counts.
    }
    return this.visit;
  }

  put(visit: Visit): void {
    this.visit = visit;
    try {
      localStorage.setItem(this.name, JSON.stringify(visit));
    } catch {
      // As above.
    }
  }
}

/** A visit as it was kept; null if it cannot be read. */
export function parse(text: string | null): Visit | null {
  try {
    const visit = JSON.parse(text ?? "null") as Partial<Visit> | null;
    return typeof visit?.token === "string" ? (visit as Visit) : null;
  } catch {
    return null;
  }
}
