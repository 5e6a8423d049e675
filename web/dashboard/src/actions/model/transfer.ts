// An action as a file: out without its secrets, in as a draft.

import { FIELDS, draftOf, blank, bodyOf, type Definition, type Draft, type Field } from './draft';
import { isObject, own, parseJson, pretty, type Json, type JsonObject } from './json';

/** The file of an action. A header with a secret is named, its value is not in the file. */
export function exported(definition: Definition): string {
  const fields = FIELDS.map((field): [string, Json] => [
    field,
    field === 'headers'
      ? definition.headers.map((header): JsonObject =>
          header.has_secret ? { name: header.name } : { name: header.name, value: header.value ?? '' },
        )
      : (definition[field] as Json),
  ]);
  return `${pretty(Object.fromEntries(fields))}\n`;
}

/** What has been read from a file. */
export interface Imported {
  draft: Draft;
  /** Things the owner has to know: what was left out, what is to be filled in. */
  remarks: string[];
}

/** What the API itself adds to an action. */
const READ_ONLY = ['id', 'version', 'created_at', 'updated_at', 'signing_secret', 'warnings'];

/** Reads a file. Every field that fits is taken; the others are named. */
export function imported(text: string): Imported | { problem: string } {
  const parsed = parseJson(text);
  if (!parsed.ok) return { problem: `The file ${parsed.message}` };
  const file = parsed.value;
  if (!isObject(file)) return { problem: 'The file holds no action: it must be a JSON object.' };
  const remarks: string[] = [];
  const fields = bodyOf(blank());
  for (const [name, value] of Object.entries(file)) {
    if (READ_ONLY.includes(name) || value === null) continue;
    const field = FIELDS.find((field) => field === name);
    if (field === undefined) remarks.push(`“${name}” is not a field of an action and was left out.`);
    else if (!fits(field, value)) remarks.push(`“${name}” has the wrong form and was left out.`);
    else fields[field] = value;
  }
  const headers = (fields.headers as JsonObject[]).map((header) => ({
    name: String(header.name),
    value: typeof header.value === 'string' ? header.value : null,
  }));
  const definition = { ...fields, headers } as unknown as Definition;
  const draft = draftOf(definition);
  draft.headers = draft.headers.map((header, i) =>
    headers[i]?.value === null ? { ...header, kind: 'secret', replace: true } : header,
  );
  for (const header of headers) {
    if (header.value === null)
      remarks.push(`The secret of the header ${header.name} is not in the file. Enter it again.`);
  }
  return { draft, remarks };
}

/** A copy of an action, under a name of its own. Its secrets stay with the original. */
export function duplicated(definition: Definition, taken: string[]): Imported {
  const read = imported(exported(definition));
  if ('problem' in read) throw new Error(read.problem);
  const name = freeName(definition.name, taken);
  const display_name = `${definition.display_name} (copy)`.slice(0, 80);
  return {
    draft: { ...read.draft, name, display_name, enabled: false },
    remarks: read.remarks.map((remark) => remark.replace('is not in the file', 'stays with the original')),
  };
}

function freeName(name: string, taken: string[]): string {
  for (let n = 2; ; n += 1) {
    const suffix = n === 2 ? '_copy' : `_copy_${n - 1}`;
    const free = name.slice(0, 64 - suffix.length) + suffix;
    if (!taken.includes(free)) return free;
  }
}

function fits(field: Field, value: Json): boolean {
  const texts = (value: Json) => Array.isArray(value) && value.every((item) => typeof item === 'string');
  switch (field) {
    case 'name':
    case 'display_name':
    case 'description':
    case 'webhook_url':
      return typeof value === 'string';
    case 'parameters':
      return isObject(value);
    case 'timeout_seconds':
      return typeof value === 'number';
    case 'effect':
      return value === 'read' || value === 'write';
    case 'confirmation':
      return value === 'never' || value === 'always';
    case 'result_fields':
    case 'examples':
      return texts(value);
    case 'headers':
      return (
        Array.isArray(value) && value.every((header) => isObject(header) && typeof own(header, 'name') === 'string')
      );
    case 'mock_response':
      return true;
    default:
      return typeof value === 'boolean';
  }
}
