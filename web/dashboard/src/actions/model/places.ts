// Where on the page a finding or a refused field belongs.

import type { Row } from './rows';

/** The sections of the editor, in order. */
export const SECTIONS = ['define', 'parameters', 'webhook', 'test', 'attach'] as const;
export type Section = (typeof SECTIONS)[number];

/** Something to say about a field. */
export interface Note {
  severity: 'error' | 'warning' | 'info';
  code: string;
  field: string;
  message: string;
  suggestion: string;
}

const SECTION_OF: Record<string, Section> = {
  name: 'define',
  display_name: 'define',
  description: 'define',
  webhook_url: 'define',
  examples: 'define',
  parameters: 'parameters',
  mock_response: 'webhook',
  timeout_seconds: 'webhook',
  headers: 'webhook',
  effect: 'webhook',
  idempotent: 'webhook',
  confirmation: 'webhook',
  requires_verified_contact: 'webhook',
  long_running: 'webhook',
  result_fields: 'webhook',
};

/** The section that shows a field. */
export function sectionOf(field: string): Section {
  return SECTION_OF[topOf(field)] ?? 'webhook';
}

/** Whether the page has a place to say something about the field. */
export function hasPlace(field: string): boolean {
  return Object.hasOwn(SECTION_OF, topOf(field));
}

/** The first part of a dotted field. */
export function topOf(field: string): string {
  const dot = field.indexOf('.');
  return dot < 0 ? field : field.slice(0, dot);
}

/**
 * The row that a field such as `parameters.properties.order_number.pattern` is about. Names may hold
 * dots, so the longest name that fits is the one.
 */
export function rowOf(field: string, rows: Row[]): Row | undefined {
  const prefix = 'parameters.properties.';
  if (!field.startsWith(prefix)) return undefined;
  const rest = field.slice(prefix.length);
  return rows
    .filter((row) => rest === row.name || rest.startsWith(`${row.name}.`))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

/** What is said about a field itself or anything in it. */
export function notesFor(notes: Note[], field: string): Note[] {
  return notes.filter((note) => note.field === field || note.field.startsWith(`${field}.`));
}

/** A refused field as a note. */
export function refusal(error: { field: string; message: string }): Note {
  return {
    severity: 'error',
    code: 'invalid_field',
    field: error.field,
    message: error.message,
    suggestion: '',
  };
}

/** The refusals of a save that still stand: those of fields that have not been edited since. */
export function withoutField(notes: Note[], field: string): Note[] {
  return notes.filter((note) => topOf(note.field) !== topOf(field));
}

/**
 * What is shown: refusals of a save, then findings. Nothing twice, nothing about a field that cannot even
 * be read (the page says that itself), and nothing missing in fields that were not touched yet.
 */
export function visibleNotes(refusals: Note[], findings: Note[], unreadable: string[], untouched: string[]): Note[] {
  const shown = findings.filter(
    (note) =>
      !unreadable.includes(topOf(note.field)) &&
      !(note.severity === 'error' && untouched.includes(topOf(note.field))) &&
      !refusals.some((refusal) => refusal.field === note.field && refusal.severity === note.severity),
  );
  return [...refusals, ...shown.map(unprefixed)];
}

/** Beside its field, a finding need not begin with the field's name. */
function unprefixed(note: Note): Note {
  if (note.code !== 'invalid_field' || !note.message.startsWith(`${note.field} `)) return note;
  return { ...note, message: note.message.slice(note.field.length + 1) };
}

/** The text to insert that a suggestion holds in quotes, if it is whole: no gap left to fill. */
export function insertable(note: Note): string | null {
  const first = note.suggestion.indexOf('"');
  const last = note.suggestion.lastIndexOf('"');
  if (first < 0 || last <= first) return null;
  const text = note.suggestion.slice(first + 1, last);
  return text.includes('…') || text.trim() === '' ? null : text;
}

/** Findings whose quoted text can be put into the field it is about, and how. */
export type Insert =
  | { field: 'description'; how: 'replace' | 'append'; text: string }
  | { field: 'row'; text: string }
  | { field: 'effect'; text: 'read' | 'write' };

/** What "insert" would do for a finding, if anything. */
export function insertOf(note: Note): Insert | null {
  const text = insertable(note);
  if (text === null) return null;
  switch (note.code) {
    case 'description_vague':
      return { field: 'description', how: 'replace', text };
    case 'description_no_when':
      return { field: 'description', how: 'append', text };
    case 'parameter_no_description':
      return { field: 'row', text };
    case 'parameter_no_example':
      return { field: 'row', text };
    case 'read_marked_write':
      return { field: 'effect', text: 'read' };
    case 'write_marked_read':
      return { field: 'effect', text: 'write' };
    default:
      return null;
  }
}

/** A sentence after another text. */
export function append(text: string, sentence: string): string {
  const trimmed = text.trimEnd();
  if (trimmed === '') return sentence;
  return /[.!?…]$/.test(trimmed) ? `${trimmed} ${sentence}` : `${trimmed}. ${sentence}`;
}

/** A message that is read on its own: with a capital, and an end. */
export function sentence(text: string): string {
  // A name such as check_order_status keeps its letters.
  const named = /^\w*_\w*\b/.test(text);
  const begun = named ? text : text.charAt(0).toUpperCase() + text.slice(1);
  return begun === '' || /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
