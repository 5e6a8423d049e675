// The panel as the customer sees it: header, messages, one quiet line, one input.

import { legible } from "../colors";
import { ICONS, icon, make } from "../dom";
import type { Session } from "../protocol";
import { type State, type Turn, shown } from "../talk/conversation";
import type { Line } from "../talk/line";
import { WORDS, underWay } from "../talk/words";
import { type Doings, type Piece, pieces, said } from "./turns";

/** What the customer can do. */
export interface Commands extends Doings {
  send(text: string): void;
  close(): void;
}

/** How far from the end still counts as being there. */
const NEAR_PX = 60;
const LONGEST = 8_000;

/** The panel. */
export class View {
  private readonly title = make("h1", { tabindex: "-1" });
  private readonly closer = make("button", { class: "round", type: "button", "aria-label": WORDS.close });
  private readonly list = make("ol");
  private readonly log = make("section", { class: "log", tabindex: "0", "aria-label": "Messages" }, this.list);
  private readonly newer = make("button", { class: "newer", type: "button", hidden: true }, WORDS.newer);
  private readonly status = make("div", { class: "status", role: "status" });
  private readonly input = make("textarea", {
    rows: "1",
    maxlength: String(LONGEST),
    placeholder: WORDS.placeholder,
    "aria-label": WORDS.placeholder,
    enterkeyhint: "send",
  });
  private readonly voice = make("div", { class: "heard", "aria-live": "polite" });
  private readonly drawn = new Map<string, { piece: Piece; item: HTMLLIElement }>();
  /** What has been read out, or was there before anybody listened. */
  private readonly told = new Set<string>();
  private agent = "";
  private greeting: string | null = null;

  constructor(private readonly commands: Commands) {
    this.closer.append(icon(ICONS.close));
    this.closer.addEventListener("click", () => commands.close());
    this.newer.addEventListener("click", () => this.toEnd());
    this.log.addEventListener("scroll", () => this.atEnd() && (this.newer.hidden = true));
    const send = make("button", { class: "round", "aria-label": WORDS.send }, icon(ICONS.send));
    const form = make("form", {}, this.input, send);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("input", () => this.grow());
    this.input.addEventListener("keydown", (event) => {
      // Enter also ends the composition of a word in some languages; it does not send then.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.submit();
    });
    document.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("resize", () => this.newer.hidden && this.toEnd());
    const header = make("header", {}, this.title, this.closer);
    const main = make("main", {}, this.log, this.newer);
    document.body.append(header, main, this.status, form, this.voice);
  }

  /** Takes on the owner's words and colours. */
  dress({ agent, widget }: Session): void {
    const { style } = document.documentElement;
    style.setProperty("--color", widget.color);
    style.setProperty("--text", legible(widget.color, widget.text_color));
    this.agent = agent.name;
    this.greeting = widget.greeting;
    this.title.textContent = document.title = widget.title ?? agent.name;
  }

  /** Shows a conversation. What is in it before `loaded` is not read out. */
  draw(state: State, line: Line, loaded: boolean): void {
    const end = this.atEnd();
    const turns = shown(state);
    const greeting = this.greeting ? [said("greeting", this.agent, this.greeting)] : [];
    const all = [...greeting, ...turns.flatMap((turn) => pieces(turn, this.agent, this.commands))];
    const grown = this.lay(all);
    this.say(
      line.link === "offline"
        ? WORDS.offline
        : line.link === "reconnecting"
          ? WORDS.reconnecting
          : line.waiting
            ? WORDS.waiting
            : "",
    );
    this.readOut(turns, loaded);
    if (end) this.toEnd();
    else if (grown) this.newer.hidden = false;
  }

  /** Another customer: nothing of the one before stays. */
  clear(): void {
    this.list.replaceChildren();
    this.voice.replaceChildren();
    this.drawn.clear();
    this.told.clear();
    this.input.value = "";
    this.grow();
  }

  /** Says that there is no conversation to be had. */
  say(words: string): void {
    if (this.status.textContent !== words) this.status.textContent = words;
  }

  focus(): void {
    // On a phone the keyboard would cover what there is to read.
    const touch = matchMedia("(pointer: coarse)").matches;
    (touch ? this.title : this.input).focus({ preventScroll: true });
    this.toEnd();
  }

  private submit(): void {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.grow();
    this.commands.send(text);
    this.toEnd();
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape" && !event.isComposing) this.commands.close();
    if (event.key !== "Tab") return;
    const all = [...document.querySelectorAll<HTMLElement>("button, textarea, [tabindex='0']")];
    const stops = all.filter((stop) => !stop.hidden && !(stop as HTMLButtonElement).disabled);
    const active = document.activeElement;
    const [from, to] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
    const outside = event.shiftKey && (active === this.title || active === document.body);
    if (active !== from && !outside) return;
    event.preventDefault();
    to?.focus();
  }

  /** Puts the elements in order; keeps those that have not changed. Says whether there are new ones. */
  private lay(all: Piece[]): boolean {
    const keys = new Set(all.map((piece) => piece.key));
    for (const [key, { item }] of this.drawn) {
      if (keys.has(key)) continue;
      item.remove();
      this.drawn.delete(key);
    }
    let grown = false;
    let before: Element | null = null;
    for (const piece of all) {
      let known = this.drawn.get(piece.key);
      if (known?.piece.look !== piece.look) {
        const item = piece.make();
        const focused = known?.item.contains(document.activeElement);
        if (known) known.item.replaceWith(item);
        else grown = true;
        known = { piece, item };
        if (focused) this.input.focus({ preventScroll: true });
      } else if (known.piece.text !== piece.text) {
        const words = known.item.querySelector(".bubble");
        if (words) words.textContent = piece.text ?? "";
        known.piece = piece;
        grown = true;
      }
      this.drawn.set(piece.key, known);
      const next: Element | null = before ? before.nextElementSibling : this.list.firstElementChild;
      if (next !== known.item) this.list.insertBefore(known.item, next);
      before = known.item;
    }
    return grown;
  }

  /** Whole replies and what is being done, once each: growing words would be read again and again. */
  private readOut(turns: readonly Turn[], loaded: boolean): void {
    for (const turn of turns) {
      const things: [string, string][] = turn.actions.map(({ id, name }) => [id, underWay(name)]);
      if (turn.phase === "done" && turn.id) things.push([turn.id, `${turn.by === "person" ? WORDS.person : this.agent}: ${turn.reply}`]);
      if (turn.confirmation?.state === "open") things.push([turn.confirmation.id, WORDS.mayWe]);
      for (const [id, words] of things) {
        if (this.told.has(id)) continue;
        this.told.add(id);
        if (loaded) this.voice.append(make("p", {}, words));
      }
    }
    while (this.voice.childElementCount > 4) this.voice.firstElementChild?.remove();
  }

  private grow(): void {
    const { style } = this.input;
    style.height = "auto";
    style.height = `${this.input.scrollHeight + 2}px`;
  }

  private atEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.log;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  private toEnd(): void {
    this.log.scrollTop = this.log.scrollHeight;
    this.newer.hidden = true;
  }
}
