// What has changed between two versions, field by field.

import { FIELDS, type Definition, type Field, type StoredHeader } from './draft';
import { pretty, sameJson, type Json } from './json';

/** A line of a comparison. */
export interface Line {
  kind: 'same' | 'removed' | 'added';
  text: string;
}

/** One field that differs. */
export interface Change {
  field: Field;
  label: string;
  /** Short values before and after, or long ones line by line. */
  shown: { before: string; after: string } | { lines: Line[] };
}

/** What a field is called on the page. */
export const LABELS: Record<Field, string> = {
  name: 'Name',
  display_name: 'Display name',
  description: 'Description',
  webhook_url: 'Webhook URL',
  parameters: 'Parameters',
  enabled: 'Enabled',
  timeout_seconds: 'Timeout',
  headers: 'Headers',
  effect: 'Effect',
  idempotent: 'Idempotent',
  confirmation: 'Confirmation',
  requires_verified_contact: 'Verified contact',
  long_running: 'Long-running',
  result_fields: 'Result fields',
  examples: 'Examples',
  mock_response: 'Mock response',
};

/** The fields in which two definitions differ, in the order of the contract. */
export function changes(before: Definition, after: Definition): Change[] {
  return FIELDS.filter((field) => differs(field, before, after)).map((field) => ({
    field,
    label: LABELS[field],
    shown: shown(field, before, after),
  }));
}

function differs(field: Field, before: Definition, after: Definition): boolean {
  if (field === 'parameters') return pretty(before.parameters) !== pretty(after.parameters);
  if (field === 'headers') return !sameJson(headerLines(before.headers), headerLines(after.headers));
  return !sameJson(before[field] as Json, after[field] as Json);
}

function shown(field: Field, before: Definition, after: Definition): Change['shown'] {
  switch (field) {
    case 'parameters':
    case 'mock_response':
      return { lines: lines(pretty(before[field]).split('\n'), pretty(after[field]).split('\n')) };
    case 'headers':
      return { lines: lines(headerLines(before.headers), headerLines(after.headers)) };
    case 'examples':
      return { lines: lines(before.examples, after.examples) };
    case 'result_fields':
      return {
        lines: lines(before.result_fields ?? ['the whole result'], after.result_fields ?? ['the whole result']),
      };
    case 'description':
      return { lines: lines(sentences(before.description), sentences(after.description)) };
    case 'timeout_seconds':
      return { before: `${before.timeout_seconds} s`, after: `${after.timeout_seconds} s` };
    default:
      return { before: plain(before[field]), after: plain(after[field]) };
  }
}

function plain(value: string | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value;
}

function headerLines(headers: StoredHeader[]): string[] {
  return headers.map((header) => `${header.name}: ${header.has_secret ? '(secret)' : (header.value ?? '')}`);
}

function sentences(text: string): string[] {
  return text.split(/(?<=[.!?])\s+|\n/).filter((part) => part !== '');
}

/** The shortest way from one list of lines to another. */
export function lines(before: string[], after: string[]): Line[] {
  const head = commonHead(before, after);
  const tail = commonHead(before.slice(head).reverse(), after.slice(head).reverse());
  const same = (text: string): Line => ({ kind: 'same', text });
  return [
    ...before.slice(0, head).map(same),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ];
}

function commonHead(left: string[], right: string[]): number {
  let n = 0;
  while (n < left.length && n < right.length && left[n] === right[n]) n += 1;
  return n;
}

function middle(before: string[], after: string[]): Line[] {
  // longest[i][j]: the longest common part of before[i..] and after[j..].
  const longest = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  const at = (i: number, j: number) => longest[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i -= 1) {
    const row = longest[i] ?? [];
    for (let j = after.length - 1; j >= 0; j -= 1) {
      row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const out: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const left = before[i];
    const right = after[j];
    if (left !== undefined && left === right) {
      out.push({ kind: 'same', text: left });
      i += 1;
      j += 1;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      out.push({ kind: 'removed', text: left });
      i += 1;
    } else if (right !== undefined) {
      out.push({ kind: 'added', text: right });
      j += 1;
    }
  }
  return out;
}

/** The lines with long stretches of unchanged ones cut out; a number says how many are left out. */
export function folded(all: Line[], around = 3): (Line | number)[] {
  const near = all.map((_, i) =>
    all.slice(Math.max(0, i - around), i + around + 1).some((line) => line.kind !== 'same'),
  );
  const out: (Line | number)[] = [];
  for (const [i, line] of all.entries()) {
    const last = out.at(-1);
    if (near[i]) out.push(line);
    else if (typeof last === 'number') out[out.length - 1] = last + 1;
    else out.push(1);
  }
  return out;
}
