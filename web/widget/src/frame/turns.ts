// The pieces that a conversation is shown in, and their elements.

import { make } from "../dom";
import type { Decision } from "../talk/api";
import type { Confirmation, Turn } from "../talk/conversation";
import { WORDS, underWay } from "../talk/words";

/** What the customer can do with a piece. */
export interface Doings {
  again(key: string): void;
  decide(id: string, decision: Decision): void;
}

/** One element of the list. It is made anew only when `look` changes. */
export interface Piece {
  /** Stays the same from one drawing to the next. */
  key: string;
  look: string;
  make(): HTMLLIElement;
  /** The words that may grow without making the element anew. */
  text?: string;
}

/** The pieces of a turn, in order. */
export function pieces(turn: Turn, agent: string, doings: Doings): Piece[] {
  const name = turn.key ?? turn.id ?? "";
  const all: Piece[] = [];
  if (turn.question) all.push(question(turn, `${name}:question`, turn.question, doings));
  if (turn.reply) all.push(turn.by === "person" ? personSaid(`${name}:reply`, turn.reply) : said(`${name}:reply`, agent, turn.reply));
  if (turn.confirmation) all.push(card(`${name}:card`, turn.confirmation, doings));
  if (turn.phase === "running") {
    const action = turn.actions.at(-1);
    if (action) all.push(doing(`${name}:doing`, action.name));
    else if (!turn.reply) all.push({ key: `${name}:dots`, look: "dots", make: dots });
  }
  return all;
}

/** Something the agent said. */
export function said(key: string, agent: string, text: string): Piece {
  return { key, look: "said", text, make: () => make("li", {}, spoken(agent), bubble(text)) };
}

/** Something a person said in the agent's place: everybody can see that it was one. */
function personSaid(key: string, text: string): Piece {
  return {
    key,
    look: "person",
    text,
    make: () => make("li", { class: "person" }, make("div", { class: "note" }, WORDS.person), bubble(text)),
  };
}

function question(turn: Turn, key: string, text: string, doings: Doings): Piece {
  const { phase, refusal, key: sent } = turn;
  const unsent = phase === "unsent";
  return {
    key,
    look: `${unsent} ${phase === "sending"} ${refusal ?? ""} ${sent ?? ""}`,
    make: () => {
      const item = make("li", { class: unsent ? "mine unsent" : "mine" }, spoken(WORDS.you), bubble(text));
      if (unsent && sent) {
        const again = make("button", { type: "button" }, WORDS.again);
        again.addEventListener("click", () => doings.again(sent));
        item.append(make("div", { class: "note" }, refusal ?? "", again));
      } else if (phase === "sending") item.append(make("div", { class: "note" }, WORDS.sending));
      return item;
    },
  };
}

function card(key: string, asked: Confirmation, doings: Doings): Piece {
  return {
    key,
    look: `${asked.id} ${asked.state}`,
    make: () => {
      const details = asked.details.flatMap(({ name, value }) => [
        make("dt", {}, name),
        make("dd", { dir: "auto" }, value),
      ]);
      const box = make("div", { class: "card", role: "group" });
      box.append(make("h2", {}, asked.title || WORDS.mayWe), make("dl", {}, ...details));
      box.setAttribute("aria-label", asked.title || WORDS.mayWe);
      if (asked.state === "open" || asked.state === "sending") {
        const choose = (words: string, decision: Decision) => {
          const button = make("button", { type: "button", disabled: asked.state === "sending" }, words);
          button.addEventListener("click", () => doings.decide(asked.id, decision));
          return button;
        };
        box.append(make("div", { class: "choice" }, choose(WORDS.yes, "approve"), choose(WORDS.no, "reject")));
      } else box.append(make("div", { class: "note" }, WORDS[asked.state]));
      return make("li", {}, box);
    },
  };
}

function doing(key: string, name: string): Piece {
  return { key, look: name, make: () => make("li", {}, make("div", { class: "doing" }, underWay(name))) };
}

function dots(): HTMLLIElement {
  const three = [make("i"), make("i"), make("i")];
  const shape = make("div", { class: "bubble dots", "aria-hidden": "true" }, ...three);
  return make("li", {}, make("span", { class: "heard" }, WORDS.typing), shape);
}

function spoken(name: string): HTMLElement {
  return make("span", { class: "heard" }, `${name}:`);
}

function bubble(text: string): HTMLElement {
  return make("div", { class: "bubble", dir: "auto" }, text);
}
