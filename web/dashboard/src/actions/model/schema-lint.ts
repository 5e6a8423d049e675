// What looks wrong in a parameter schema while it is typed as JSON: marked in the text, before the
// server has judged it.

import { isObject, own, parseJson, type Json, type JsonObject } from './json';
import { locate, type Step } from './locate';

/** A mark in the text. */
export interface Mark {
  from: number;
  to: number;
  severity: 'error' | 'warning';
  message: string;
}

const TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];
const CONTACT = /^contact\.(id|name|email|phone|attributes\..+)$/;
const ONE = [
  'items',
  'contains',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
  'contentSchema',
];
const MANY = ['prefixItems', 'allOf', 'anyOf', 'oneOf'];
const NAMED = ['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions'];
const OTHER = [
  'type',
  'enum',
  'const',
  'required',
  'description',
  'title',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  'multipleOf',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'format',
  'maxItems',
  'minItems',
  'uniqueItems',
  'maxContains',
  'minContains',
  'maxProperties',
  'minProperties',
  'dependentRequired',
  '$schema',
  '$id',
  '$ref',
  '$anchor',
  '$dynamicRef',
  '$dynamicAnchor',
  '$vocabulary',
  '$comment',
  'contentEncoding',
  'contentMediaType',
  'x-source',
  'x-grounding',
];
const KNOWN = new Set([...ONE, ...MANY, ...NAMED, ...OTHER]);

/** The marks of a text that is JSON; nothing for one that is not, which the editor marks itself. */
export function schemaMarks(text: string): Mark[] {
  const parsed = parseJson(text);
  if (!parsed.ok) return [];
  const found: { path: Step[]; severity: Mark['severity']; message: string }[] = [];
  const say = (path: Step[], message: string, severity: Mark['severity'] = 'error') =>
    found.push({ path, severity, message });
  if (!isObject(parsed.value)) say([], 'Must be an object.');
  else {
    if (own(parsed.value, 'type') !== 'object')
      say(Object.hasOwn(parsed.value, 'type') ? ['type'] : [], 'The root must have "type": "object".');
    walk(parsed.value, [], say);
  }
  return found.flatMap(({ path, ...mark }) => {
    const range = locate(text, path);
    return range ? [{ ...range, ...mark }] : [];
  });
}

type Say = (path: Step[], message: string, severity?: Mark['severity']) => void;

function walk(schema: Json | undefined, path: Step[], say: Say): void {
  if (!isObject(schema)) {
    if (typeof schema !== 'boolean') say(path, 'Must be a schema: an object, true or false.');
    return;
  }
  for (const key of Object.keys(schema)) {
    if (!KNOWN.has(key) && !key.startsWith('x-')) {
      say([...path, key], `“${key}” is no JSON Schema keyword${nearest(key)}.`, 'warning');
    }
  }
  types(schema, path, say);
  extensions(schema, path, say);
  required(schema, path, say);
  for (const key of ONE) if (Object.hasOwn(schema, key)) walk(schema[key], [...path, key], say);
  for (const key of MANY) {
    const list = own(schema, key);
    if (Array.isArray(list)) list.forEach((part, i) => walk(part, [...path, key, i], say));
  }
  for (const key of NAMED) {
    const map = own(schema, key);
    if (isObject(map)) for (const name of Object.keys(map)) walk(map[name], [...path, key, name], say);
    else if (map !== undefined) say([...path, key], 'Must be an object of schemas by name.');
  }
}

function types(schema: JsonObject, path: Step[], say: Say): void {
  const type = own(schema, 'type');
  if (type === undefined) return;
  const named = Array.isArray(type) ? type : [type];
  if (!named.every((name) => typeof name === 'string' && TYPES.includes(name))) {
    say([...path, 'type'], `Must be one of ${TYPES.join(', ')}.`);
  }
}

function extensions(schema: JsonObject, path: Step[], say: Say): void {
  const source = own(schema, 'x-source');
  if (source !== undefined) {
    if (typeof source !== 'string' || !CONTACT.test(source)) {
      say(
        [...path, 'x-source'],
        'Must be contact.id, contact.name, contact.email, contact.phone or contact.attributes.<key>.',
      );
    } else if (path.length !== 2 || path[0] !== 'properties') {
      say([...path, 'x-source'], 'Can only stand on a property at the top level.');
    }
  }
  const grounding = own(schema, 'x-grounding');
  if (grounding !== undefined && grounding !== 'verbatim' && grounding !== 'free') {
    say([...path, 'x-grounding'], 'Must be "verbatim" or "free".');
  }
}

function required(schema: JsonObject, path: Step[], say: Say): void {
  const names = own(schema, 'required');
  if (names === undefined) return;
  if (!Array.isArray(names)) return say([...path, 'required'], 'Must be a list of names.');
  const properties = own(schema, 'properties');
  // Where other keywords may declare properties too, nothing is certain.
  const composed = [...MANY, '$ref', 'if', 'patternProperties'].some((key) => Object.hasOwn(schema, key));
  names.forEach((name, i) => {
    if (typeof name !== 'string') say([...path, 'required', i], 'Must be a name.');
    else if (!composed && !(isObject(properties) && Object.hasOwn(properties, name))) {
      say([...path, 'required', i], `“${name}” is not among the properties.`, 'warning');
    }
  });
}

/** “, did you mean “required”?” for a keyword that is nearly one. */
function nearest(key: string): string {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '');
  const near = [...KNOWN].find((known) => plain(known) === plain(key) || distance(known, key) <= 2);
  return near === undefined ? '' : `; did you mean “${near}”`;
}

/** How many letters have to change, up to a length that no keyword has. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2 || b.length < 4 || b.length > 40) return 99;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 99;
}
