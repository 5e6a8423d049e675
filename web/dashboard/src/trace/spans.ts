import type { Provenance } from '../api/types';

/** Words of a message to be lit, half-open, in Unicode scalar values. */
export interface Mark {
  span: [number, number];
  /** Names what they vouch for. */
  key: string;
}

/** A piece of a text and the names of all marks that cover it. */
export interface Segment {
  text: string;
  keys: string[];
}

/** Cuts a text at the borders of its marks, which may overlap. Adds up to the text. */
export function segments(text: string, marks: Mark[]): Segment[] {
  // Spans count scalar values; a string of JavaScript counts UTF-16 units.
  const characters = Array.from(text);
  const length = characters.length;
  const clamped = marks
    .map(({ span: [from, to], key }) => ({ from: Math.max(0, from), to: Math.min(length, to), key }))
    .filter(({ from, to }) => from < to);
  const borders = new Set([0, length]);
  for (const { from, to } of clamped) borders.add(from).add(to);
  const cuts = [...borders].sort((a, b) => a - b);
  const pieces: Segment[] = [];
  for (let index = 0; index + 1 < cuts.length; index += 1) {
    const [from, to] = [cuts[index] ?? 0, cuts[index + 1] ?? length];
    const covering = clamped.filter((mark) => mark.from <= from && to <= mark.to);
    pieces.push({
      text: characters.slice(from, to).join(''),
      keys: [...new Set(covering.map((mark) => mark.key))],
    });
  }
  return pieces;
}

/** A message as far as marks need it. The id of one just sent is not known at once. */
export interface Spoken {
  id: string | null;
  text: string;
}

/** The marks that the given values make in one message. */
export function marksIn(message: Spoken, known: ReadonlySet<string>, values: Vouched[]): Mark[] {
  const marks: Mark[] = [];
  for (const { key, provenance } of values) {
    const { source, reference, span, text } = provenance;
    if (!span || (source !== 'message' && source !== 'derived')) continue;
    const named = message.id !== null && message.id === reference;
    // A message whose id is still to come is recognised by its words.
    const guessed =
      message.id === null && !known.has(reference ?? '') && text != null && slice(message.text, span) === text;
    if (named || guessed) marks.push({ span, key });
  }
  return marks;
}

/** A value of some call and where it came from. */
export interface Vouched {
  key: string;
  provenance: Provenance;
}

function slice(text: string, [from, to]: [number, number]): string {
  return Array.from(text).slice(from, to).join('');
}
