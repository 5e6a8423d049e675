// The page in the frame: brings together the loader's messages, the conversation and the view.

import "./frame.css";
import { type Session, type ToFrame, type ToLoader, marked, understood } from "../protocol";
import { Api } from "../talk/api";
import { realClock } from "../talk/clock";
import { lastReplied, repliesAfter } from "../talk/conversation";
import { Outbox, type Shelf } from "../talk/outbox";
import { Talk } from "../talk/talk";
import { WORDS } from "../talk/words";
import { View } from "./view";

/** A browser opens few streams to one server; a tab that nobody has seen for so long gives its up. */
const UNSEEN_MS = 60_000;

class Frame {
  private readonly agent = new URLSearchParams(location.search).get("agent") ?? "";
  /** The page that holds the frame; the server's `frame-ancestors` says which may. */
  private readonly page = decodeURIComponent(location.hash.slice(1));
  private readonly view = new View({
    send: (text) => this.talk?.send(text),
    again: (key) => this.talk?.again(key),
    decide: (id, decision) => void this.talk?.decide(id, decision),
    close: () => this.tell({ type: "close" }),
  });
  private session: Session | null = null;
  private talk: Talk | null = null;
  private isOpen = false;
  /** The last turn that was read; null until the transcript is there, if nobody knows. */
  private seen: string | null = null;
  private unread = 0;
  private wasLoaded = false;
  private conversation: string | null = null;
  private drawing = false;

  constructor() {
    window.addEventListener("message", (event) => {
      if (event.source !== window.parent || event.origin !== this.page) return;
      const message = understood<ToFrame>(event.data);
      if (message) this.hear(message);
    });
    window.addEventListener("online", () => this.talk?.reconnect());
    window.addEventListener("offline", () => this.talk?.reconnect());
    let unseen: ReturnType<typeof setTimeout> | undefined;
    document.addEventListener("visibilitychange", () => {
      clearTimeout(unseen);
      if (document.hidden) unseen = setTimeout(() => this.talk?.sleep(), UNSEEN_MS);
      else {
        this.talk?.wake();
        this.look();
      }
    });
    if (window.parent === window || !this.page) this.view.say(WORDS.unavailable);
    else this.tell({ type: "ready" });
  }

  private hear(message: ToFrame): void {
    switch (message.type) {
      case "session":
        this.enter(message.session, message.seen);
        break;
      case "open":
        this.isOpen = true;
        if (message.focus) this.view.focus();
        this.look();
        break;
      case "close":
        this.isOpen = false;
        break;
      case "conversation":
        this.talk?.join(message.id);
        break;
      case "seen":
        if (message.id > (this.seen ?? "")) this.seen = message.id;
        this.look();
        break;
    }
  }

  private enter(session: Session, seen: string | null): void {
    const before = this.session;
    this.session = session;
    this.view.dress(session);
    if (this.talk && before?.contact.id === session.contact.id) {
      this.talk.line.renewed();
      if (session.conversation_id) this.talk.join(session.conversation_id);
      this.changed();
      return;
    }
    this.talk?.stop();
    if (this.talk) this.view.clear();
    this.seen = seen;
    this.wasLoaded = false;
    this.conversation = session.conversation_id;
    this.talk = new Talk({
      api: new Api(new URL("../", location.href).href, this.agent, () => this.session?.token ?? ""),
      outbox: new Outbox(shelf(), `deskhand:${this.agent}:${session.contact.id}`, Date.now),
      clock: realClock,
      newKey,
      online: () => navigator.onLine,
      refresh: () => this.tell({ type: "refresh" }),
      changed: () => this.changed(),
    });
    this.talk.start(session.conversation_id);
    this.changed();
  }

  /** Draws once for all that has changed by then. */
  private changed(): void {
    if (this.drawing) return;
    this.drawing = true;
    // Not an animation frame: those stand still while the panel is closed.
    queueMicrotask(() => {
      this.drawing = false;
      this.draw();
    });
  }

  private draw(): void {
    if (!this.talk) return;
    const { state, line, loaded } = this.talk;
    this.view.draw(state, line, this.wasLoaded);
    if (loaded && !this.wasLoaded) {
      this.wasLoaded = true;
      this.seen ??= lastReplied(state);
    }
    if (state.conversation && state.conversation !== this.conversation) {
      this.conversation = state.conversation;
      this.tell({ type: "conversation", id: state.conversation });
    }
    this.look();
  }

  /** What is on the screen is read. */
  private look(): void {
    if (!this.talk || !this.wasLoaded) return;
    const last = lastReplied(this.talk.state);
    if (this.isOpen && !document.hidden && last > (this.seen ?? "")) {
      this.seen = last;
      this.tell({ type: "seen", id: last });
    }
    const unread = repliesAfter(this.talk.state, this.seen ?? "");
    if (unread === this.unread) return;
    this.unread = unread;
    this.tell({ type: "unread", count: unread });
  }

  private tell(message: ToLoader): void {
    window.parent.postMessage(marked(message), this.page);
  }
}

/** The tab's own storage, so that no two tabs deliver the same message; null if it is refused. */
function shelf(): Shelf | null {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

/** 128 random bits. `randomUUID` is not there over plain http. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

new Frame();
