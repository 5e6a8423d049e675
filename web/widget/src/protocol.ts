// What the loader, on the owner's page, and the frame say to each other.

/** An answer of `POST /v1/widget/sessions`. */
export interface Session {
  token: string;
  expires_at: string;
  agent: { name: string };
  widget: {
    title: string | null;
    greeting: string | null;
    color: string;
    text_color: string;
    position: "right" | "left";
  };
  conversation_id: string | null;
  contact: { id: string; verified: boolean };
}

/** From the loader to the frame. */
export type ToFrame =
  | {
      type: "session";
      session: Session;
      page: { url: string; title: string };
      /** The last turn that was read, if any; kept over page loads. */
      seen: string | null;
    }
  | { type: "open"; focus: boolean }
  | { type: "close" }
  /** Another tab has begun this conversation. */
  | { type: "conversation"; id: string }
  /** Another tab has read up to this turn. */
  | { type: "seen"; id: string };

/** From the frame to the loader. */
export type ToLoader =
  | { type: "ready" }
  | { type: "close" }
  | { type: "unread"; count: number }
  /** The token was refused: a session has to be opened anew. */
  | { type: "refresh" }
  | { type: "conversation"; id: string }
  | { type: "seen"; id: string };

type Marked<T> = T & { deskhand: 1 };

/** Puts the mark on a message. */
export function marked<T extends ToFrame | ToLoader>(message: T): Marked<T> {
  return { deskhand: 1, ...message };
}

/** The message, if it is one of ours. The caller has checked where it came from. */
export function understood<T extends ToFrame | ToLoader>(data: unknown): T | null {
  return typeof data === "object" && data !== null && (data as { deskhand?: unknown }).deskhand === 1
    ? (data as T)
    : null;
}
