// Where in a JSON text a value stands.

/** A stretch of a text. */
export interface Range {
  from: number;
  to: number;
}

/** A step into a value: a key, or the place in a list. */
export type Step = string | number;

/** Where the value at a path stands, with its key where it has one. The text must be JSON. */
export function locate(text: string, path: Step[]): Range | undefined {
  let found: Range | undefined;
  new Walker(text, (at, range) => {
    if (at.length === path.length && at.every((step, i) => step === path[i])) found ??= range;
  }).value([], 0, undefined);
  return found;
}

type Visit = (path: Step[], range: Range) => void;

class Walker {
  constructor(
    private readonly text: string,
    private readonly visit: Visit,
  ) {}

  /** Reads the value that begins at `from` (blanks skipped) and returns where it ends. */
  value(path: Step[], from: number, keyFrom: number | undefined): number {
    const start = this.skip(from);
    const to = this.inside(path, start);
    this.visit(path, { from: keyFrom ?? start, to });
    return to;
  }

  private inside(path: Step[], start: number): number {
    switch (this.text[start]) {
      case '{':
        return this.members(path, start + 1);
      case '[':
        return this.items(path, start + 1);
      case '"':
        return this.string(start);
      default: {
        let at = start;
        while (at < this.text.length && !/[\s,\]}]/.test(this.text.charAt(at))) at += 1;
        return at;
      }
    }
  }

  private members(path: Step[], from: number): number {
    let at = this.skip(from);
    while (this.text[at] === '"') {
      const keyEnd = this.string(at);
      const key = JSON.parse(this.text.slice(at, keyEnd)) as string;
      const colon = this.skip(keyEnd);
      const end = this.skip(this.value([...path, key], colon + 1, at));
      if (this.text[end] !== ',') return end + 1;
      at = this.skip(end + 1);
    }
    return at + 1;
  }

  private items(path: Step[], from: number): number {
    let at = this.skip(from);
    if (this.text[at] === ']') return at + 1;
    for (let i = 0; at < this.text.length; i += 1) {
      const end = this.skip(this.value([...path, i], at, undefined));
      if (this.text[end] !== ',') return end + 1;
      at = end + 1;
    }
    return at;
  }

  private string(from: number): number {
    let at = from + 1;
    while (at < this.text.length && this.text[at] !== '"') at += this.text[at] === '\\' ? 2 : 1;
    return at + 1;
  }

  private skip(from: number): number {
    let at = from;
    while (at < this.text.length && /\s/.test(this.text.charAt(at))) at += 1;
    return at;
  }
}
