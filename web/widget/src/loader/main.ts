// `widget.js`: puts the chat on the owner's page.
//
//   <script src="https://…/widget.js" data-agent="agt_…" async></script>

import { type Session, type ToFrame, type ToLoader, marked, understood } from "../protocol";
import { Launcher } from "./launcher";
import { Memory, parse } from "./memory";
import { type ContactToken, Sessions, warn } from "./session";

type Listeners = {
  unread: (count: number) => void;
  open: () => void;
  close: () => void;
};

/** `window.Deskhand`. */
export interface Deskhand {
  open(): void;
  close(): void;
  /** Says who the customer is. A function is asked for a token whenever one is needed; null signs out. */
  setContactToken(token: ContactToken): void;
  /** Listens; returns what ends it. */
  on<K extends keyof Listeners>(event: K, listener: Listeners[K]): () => void;
}

declare global {
  interface Window {
    Deskhand?: Deskhand;
  }
}

class Loader implements Deskhand {
  private readonly base: string;
  private readonly memory: Memory;
  private readonly sessions: Sessions;
  private readonly launcher: Launcher;
  private readonly listeners: { [K in keyof Listeners]: Set<Listeners[K]> } = {
    unread: new Set(),
    open: new Set(),
    close: new Set(),
  };
  private session: Session | null = null;
  private opening: AbortController | null = null;
  private frameIsReady = false;
  private wanted = false;

  constructor(script: HTMLScriptElement, agent: string) {
    this.base = new URL(".", script.src).href;
    this.memory = new Memory(`deskhand:${agent}`);
    this.sessions = new Sessions(this.base, agent, this.memory);
    this.sessions.contactToken = script.dataset.contactToken ?? null;
    // The frame speaks only to the origin named here; the server says which pages may hold it.
    const frame = `${this.base}widget/frame?agent=${encodeURIComponent(agent)}`;
    this.launcher = new Launcher(`${frame}#${encodeURIComponent(location.origin)}`, () =>
      this.launcher.isOpen ? this.close() : this.show(true),
    );
    window.addEventListener("message", (event) => this.hear(event));
    window.addEventListener("storage", (event) => this.otherTab(event));
    window.addEventListener("online", () => this.session || this.opening || void this.begin());
    // After the script's own `onload`, in which the page may say who the customer is.
    setTimeout(() => void this.begin());
  }

  open(): void {
    this.show(false);
  }

  close(): void {
    this.wanted = false;
    if (!this.launcher.isOpen) return;
    this.launcher.close();
    this.tell({ type: "close" });
    this.emit("close");
  }

  setContactToken(token: ContactToken): void {
    this.sessions.contactToken = token;
    if (this.session || this.opening) void this.begin();
  }

  on<K extends keyof Listeners>(event: K, listener: Listeners[K]): () => void {
    this.listeners[event].add(listener);
    return () => this.listeners[event].delete(listener);
  }

  /** Opens a session; a later call overtakes an earlier one. */
  private async begin(): Promise<void> {
    this.opening?.abort();
    const opening = (this.opening = new AbortController());
    const session = await this.sessions.open(opening.signal);
    if (opening.signal.aborted) return;
    this.opening = null;
    if (!session) return;
    this.session = session;
    await body();
    this.launcher.show(session);
    this.introduce();
    if (this.wanted) this.show(false);
    // A reply may come to what was asked on an earlier page.
    else if (session.conversation_id) this.launcher.load();
  }

  private show(byButton: boolean): void {
    this.wanted = true;
    if (!this.session || this.launcher.isOpen) return;
    this.launcher.open(byButton, true);
    this.tell({ type: "open", focus: true });
    this.emit("open");
  }

  private hear({ origin, source, data }: MessageEvent): void {
    const { frame } = this.launcher;
    if (!frame || source !== frame.contentWindow || origin !== new URL(this.base).origin) return;
    const message = understood<ToLoader>(data);
    switch (message?.type) {
      case "ready":
        this.frameIsReady = true;
        this.introduce();
        if (this.launcher.isOpen) this.tell({ type: "open", focus: true });
        break;
      case "close":
        this.close();
        break;
      case "unread":
        this.launcher.unread(message.count);
        this.emit("unread", message.count);
        break;
      case "refresh":
        if (!this.opening) void this.begin();
        break;
      case "conversation":
        this.remember({ conversation: message.id });
        break;
      case "seen":
        this.remember({ seen: message.id });
        break;
    }
  }

  private introduce(): void {
    const { session } = this;
    if (!session) return;
    const page = { url: location.href, title: document.title };
    this.tell({ type: "session", session, page, seen: this.memory.get()?.seen ?? null });
  }

  private remember(what: { conversation: string } | { seen: string }): void {
    const visit = this.memory.get();
    if (visit && visit.contact === this.session?.contact.id) this.memory.put({ ...visit, ...what });
  }

  /** What happened in another tab of the same site. */
  private otherTab({ key, newValue }: StorageEvent): void {
    const visit = key === this.memory.name ? parse(newValue) : null;
    if (!visit || !this.session || visit.contact !== this.session.contact.id) return;
    if (visit.conversation && !this.session.conversation_id) {
      this.session = { ...this.session, conversation_id: visit.conversation };
      this.launcher.load();
      this.tell({ type: "conversation", id: visit.conversation });
    }
    if (visit.seen) this.tell({ type: "seen", id: visit.seen });
  }

  private tell(message: ToFrame): void {
    if (!this.frameIsReady) return;
    this.launcher.frame?.contentWindow?.postMessage(marked(message), new URL(this.base).origin);
  }

  private emit<K extends keyof Listeners>(event: K, ...given: Parameters<Listeners[K]>): void {
    for (const listener of this.listeners[event]) {
      try {
        (listener as (...given: unknown[]) => void)(...given);
      } catch (error) {
        // The page's own mistake: told to the page, and no reason to stop.
        reportError(error);
      }
    }
  }
}

/** Resolves when there is something to put the button into. */
function body(): Promise<unknown> {
  return document.body
    ? Promise.resolve()
    : new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }));
}

function main(): void {
  const script =
    document.currentScript instanceof HTMLScriptElement
      ? document.currentScript
      : document.querySelector<HTMLScriptElement>('script[src*="widget.js"][data-agent]');
  const agent = script?.dataset.agent;
  if (!script || !agent) {
    warn('the script needs to know the agent: <script src="…/widget.js" data-agent="agt_…" async></script>');
    return;
  }
  // Loaded twice: the first one stays.
  if (window.Deskhand) return;
  window.Deskhand = new Loader(script, agent);
}

main();
