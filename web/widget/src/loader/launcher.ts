// The button on the owner's page and the panel that it opens. Everything lives in a shadow tree, so
// that the page's styles and the widget's leave each other alone.

import { legible } from "../colors";
import { ICONS, icon, make } from "../dom";
import type { Session } from "../protocol";
import { WORDS, unreadWords } from "../talk/words";
import css from "./launcher.css?inline";

/** What is on the page. */
export class Launcher {
  isOpen = false;
  frame: HTMLIFrameElement | null = null;
  private readonly host = make("div", { "data-deskhand": "" });
  private readonly root = this.host.attachShadow({ mode: "open" });
  private readonly badge = make("span", { class: "badge", hidden: true });
  private readonly button = make("button", { type: "button", "aria-expanded": "false" });
  private readonly panel = make("div", { class: "panel", role: "dialog", hidden: true });
  private returnTo: Element | null = null;
  private count = 0;

  constructor(
    private readonly address: string,
    toggle: () => void,
  ) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    this.root.adoptedStyleSheets = [sheet];
    this.button.append(icon(ICONS.chat), icon(ICONS.down), this.badge);
    this.button.addEventListener("click", toggle);
    this.root.addEventListener("keydown", (event) => {
      if ((event as KeyboardEvent).key === "Escape" && this.isOpen) toggle();
    });
    this.root.append(this.panel, this.button);
    window.visualViewport?.addEventListener("resize", () => this.fit());
    window.visualViewport?.addEventListener("scroll", () => this.fit());
  }

  /** Shows the button as the owner wants it. */
  show({ widget, agent }: Session): void {
    const { style } = this.host;
    style.setProperty("--color", widget.color);
    style.setProperty("--text", legible(widget.color, widget.text_color));
    this.host.dataset.position = widget.position;
    this.panel.setAttribute("aria-label", widget.title ?? agent.name);
    this.label();
    if (!this.host.isConnected) document.body.append(this.host);
  }

  /** Loads the panel's page, if it is not there yet. */
  load(): HTMLIFrameElement {
    if (!this.frame) {
      const title = this.panel.getAttribute("aria-label") ?? "";
      this.frame = make("iframe", { src: this.address, title });
      this.panel.append(this.frame);
    }
    return this.frame;
  }

  open(byButton: boolean, focus: boolean): void {
    if (focus) this.returnTo = byButton ? this.button : document.activeElement;
    this.isOpen = true;
    const frame = this.load();
    this.panel.hidden = false;
    this.host.dataset.open = "";
    this.fit();
    if (focus) frame.focus();
    this.label();
  }

  close(): void {
    this.isOpen = false;
    this.panel.hidden = true;
    delete this.host.dataset.open;
    this.label();
    // Only if it is still ours to return: the customer may be somewhere else on the page by now.
    if (document.activeElement === this.host || document.activeElement === document.body) {
      const to = this.returnTo?.isConnected && this.returnTo !== document.body ? this.returnTo : this.button;
      if (to instanceof HTMLElement) to.focus();
    }
  }

  unread(count: number): void {
    this.count = count;
    this.badge.hidden = count === 0;
    this.badge.textContent = count > 9 ? "9+" : String(count);
    this.label();
  }

  private label(): void {
    const words = this.isOpen ? WORDS.close : WORDS.open;
    const unread = this.count && !this.isOpen ? `, ${unreadWords(this.count)}` : "";
    this.button.setAttribute("aria-label", words + unread);
    this.button.setAttribute("aria-expanded", String(this.isOpen));
  }

  /** Keeps the full-screen panel above the keyboard of a phone. */
  private fit(): void {
    const view = window.visualViewport;
    if (!view || !this.isOpen) return;
    this.panel.style.setProperty("--height", `${view.height}px`);
    this.panel.style.setProperty("--top", `${view.offsetTop}px`);
  }
}
