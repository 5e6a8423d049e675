// A form made from a parameter schema: what a test call is given, the way a model would give it.

import { isObject, own, parseJson, pretty, type Json, type JsonObject } from './json';

/** How one parameter is asked for. */
export type Asked =
  | { kind: 'text'; input: 'text' | 'email' | 'date' | 'url' | 'tel' }
  | { kind: 'number'; whole: boolean; min?: number; max?: number }
  | { kind: 'boolean' }
  | { kind: 'choice'; options: Json[] }
  | { kind: 'json' };

/** One field of the form. */
export interface FormField {
  name: string;
  required: boolean;
  description: string;
  example: string;
  asked: Asked;
  pattern: string;
}

/** A parameter that the server fills in itself. */
export interface Filled {
  name: string;
  from: { contact: string } | { value: Json };
}

/** The form of a schema. */
export interface Form {
  fields: FormField[];
  filled: Filled[];
}

/** What has been typed, by parameter. A missing or empty one is not sent. */
export type Typed = Record<string, string>;

/** The form of a schema, in the schema's order. */
export function formOf(schema: JsonObject): Form {
  const properties = own(schema, 'properties');
  const required = own(schema, 'required');
  const names = Array.isArray(required) ? required : [];
  const form: Form = { fields: [], filled: [] };
  for (const [name, property] of isObject(properties) ? Object.entries(properties) : []) {
    const known = isObject(property) ? property : {};
    const source = own(known, 'x-source');
    const fixed = own(known, 'const');
    if (typeof source === 'string') {
      form.filled.push({ name, from: { contact: source } });
    } else if (fixed !== undefined) {
      form.filled.push({ name, from: { value: fixed } });
    } else {
      const description = own(known, 'description');
      form.fields.push({
        name,
        required: names.includes(name),
        description: typeof description === 'string' ? description : '',
        example: exampleOf(known),
        asked: askedFor(known),
        pattern: patternOf(known),
      });
    }
  }
  return form;
}

function patternOf(property: JsonObject): string {
  const pattern = own(property, 'pattern');
  return typeof pattern === 'string' ? pattern : '';
}

function askedFor(property: JsonObject): Asked {
  const options = own(property, 'enum');
  if (Array.isArray(options) && options.length > 0) return { kind: 'choice', options };
  const type = own(property, 'type');
  switch (type) {
    case 'boolean':
      return { kind: 'boolean' };
    case 'integer':
    case 'number': {
      const min = own(property, 'minimum');
      const max = own(property, 'maximum');
      return {
        kind: 'number',
        whole: type === 'integer',
        ...(typeof min === 'number' ? { min } : {}),
        ...(typeof max === 'number' ? { max } : {}),
      };
    }
    case 'string':
      return { kind: 'text', input: inputFor(own(property, 'format')) };
    default:
      return { kind: 'json' };
  }
}

function inputFor(format: Json | undefined): 'text' | 'email' | 'date' | 'url' | 'tel' {
  if (format === 'email' || format === 'date') return format;
  return format === 'uri' ? 'url' : 'text';
}

/** The example in a description, “(e.g., ORD-12345)”, or of the schema's own. */
function exampleOf(property: JsonObject): string {
  const listed = own(property, 'examples');
  if (Array.isArray(listed) && listed.length > 0) {
    const first = listed[0];
    return typeof first === 'string' ? first : JSON.stringify(first);
  }
  const description = own(property, 'description');
  if (typeof description !== 'string') return '';
  return /\(?\b(?:e\.g\.|for example|such as),?\s+([^)]+?)\)?\s*$/i.exec(description)?.[1]?.trim() ?? '';
}

/** The parameters that the form stands for, or what cannot be read, by parameter. */
export function parametersOf(form: Form, typed: Typed): { parameters: JsonObject; problems: Map<string, string> } {
  const problems = new Map<string, string>();
  const entries: [string, Json][] = [];
  for (const field of form.fields) {
    const text = Object.hasOwn(typed, field.name) ? (typed[field.name] ?? '') : '';
    if (text === '') continue;
    const value = valueOf(field.asked, text);
    if ('problem' in value) problems.set(field.name, value.problem);
    else entries.push([field.name, value.value]);
  }
  return { parameters: Object.fromEntries(entries), problems };
}

function valueOf(asked: Asked, text: string): { value: Json } | { problem: string } {
  switch (asked.kind) {
    case 'text':
      return { value: text };
    case 'boolean':
      return { value: text === 'true' };
    case 'choice': {
      const option = asked.options[Number(text)];
      return option === undefined ? { problem: 'is not one of the choices' } : { value: option };
    }
    case 'number': {
      const number = Number(text);
      if (text.trim() === '' || !Number.isFinite(number)) return { problem: 'is not a number' };
      return { value: number };
    }
    case 'json': {
      const parsed = parseJson(text);
      return parsed.ok ? { value: parsed.value } : { problem: parsed.message };
    }
  }
}

/** What would have to be typed for these parameters: to run a call again. */
export function typedFrom(form: Form, parameters: JsonObject): Typed {
  return Object.fromEntries(
    form.fields.flatMap((field): [string, string][] => {
      const value = own(parameters, field.name);
      if (value === undefined) return [];
      const text = textFor(field.asked, value);
      return text === null ? [] : [[field.name, text]];
    }),
  );
}

function textFor(asked: Asked, value: Json): string | null {
  if (asked.kind === 'choice') {
    const at = asked.options.findIndex((option) => JSON.stringify(option) === JSON.stringify(value));
    return at < 0 ? null : String(at);
  }
  if (asked.kind === 'json') return pretty(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A sample for the preview of a request, where nothing has been typed: examples, first choices. */
export function sampleOf(form: Form): JsonObject {
  return Object.fromEntries(
    form.fields
      .filter((field) => field.required || field.example !== '')
      .map((field): [string, Json] => [field.name, sampleValue(field)]),
  );
}

function sampleValue({ asked, example }: FormField): Json {
  if (asked.kind === 'choice') return asked.options[0] ?? null;
  if (example !== '') {
    const value = valueOf(asked, example);
    if ('value' in value) return value.value;
  }
  switch (asked.kind) {
    case 'boolean':
      return true;
    case 'number':
      return asked.min ?? 1;
    case 'json':
      return {};
    case 'text':
      return asked.input === 'email' ? 'ada@example.com' : asked.input === 'date' ? '2030-01-31' : '…';
  }
}

/** The contact that the server-filled parameters are to be taken from. */
export function contactOf(form: Form, typed: Typed): JsonObject {
  const attributes: [string, Json][] = [];
  const fields: [string, Json][] = [];
  for (const path of contactPaths(form)) {
    const text = Object.hasOwn(typed, path) ? (typed[path] ?? '') : '';
    if (text === '') continue;
    if (path.startsWith('contact.attributes.')) attributes.push([path.slice('contact.attributes.'.length), text]);
    else fields.push([path.slice('contact.'.length), text]);
  }
  const some = attributes.length > 0 ? [['attributes', Object.fromEntries(attributes)] as [string, Json]] : [];
  return Object.fromEntries([...fields, ...some]);
}

/** The contact's fields that a form needs, each once. */
export function contactPaths(form: Form): string[] {
  const paths = form.filled.flatMap(({ from }) => ('contact' in from ? [from.contact] : []));
  return [...new Set(paths)];
}
