// A parameter schema as rows, and back. The rows are a view: each carries its property whole, and an
// edit touches only the keyword it is about. So what a row cannot show stays, and is named.

import { isObject, own, withKey, type Json, type JsonObject } from './json';

/** One parameter. */
export interface Row {
  /** For the page only; survives a rename. */
  key: string;
  name: string;
  required: boolean;
  /** The property's schema, whole. Not always an object: `true` is a schema too. */
  property: Json;
}

/** A schema taken apart. */
export interface Rows {
  rows: Row[];
  /** The root's entries in order; those of `properties` and `required` only keep the place. */
  root: [string, Json][];
  /** What `required` held, in order: a row's key, or a name that no row has. */
  required: ({ row: string } | { name: string })[];
}

/** The types a row offers. `""` is a property without a type. */
export const TYPES = ['string', 'integer', 'number', 'boolean', 'array', 'object'] as const;
export type RowType = (typeof TYPES)[number];

let made = 0;

/** A key that no other row of this page has. */
export function rowKey(): string {
  made += 1;
  return `row-${made}`;
}

/** The schema as rows, or why only JSON can show it. */
export function rowsOf(schema: Json): Rows | { jsonOnly: string } {
  if (!isObject(schema)) return { jsonOnly: 'The schema is not an object.' };
  const properties = own(schema, 'properties') ?? {};
  if (!isObject(properties)) return { jsonOnly: '“properties” is not an object.' };
  const required = own(schema, 'required') ?? [];
  if (!Array.isArray(required) || !required.every((name) => typeof name === 'string')) {
    return { jsonOnly: '“required” is not a list of names.' };
  }
  if (new Set(required).size !== required.length) {
    return { jsonOnly: '“required” names a parameter twice.' };
  }
  const rows = Object.entries(properties).map(([name, property]) => ({
    key: rowKey(),
    name,
    required: required.includes(name),
    property,
  }));
  return {
    rows,
    root: Object.entries(schema),
    required: (required as string[]).map((name) => {
      const row = rows.find((row) => row.name === name);
      return row ? { row: row.key } : { name };
    }),
  };
}

/** The schema that the rows stand for. */
export function schemaOf({ rows, root, required }: Rows): JsonObject {
  const properties = Object.fromEntries(rows.map((row) => [row.name, row.property]));
  const names = requiredNames(rows, required);
  const entries = root.map(([key, value]): [string, Json] => {
    if (key === 'properties') return [key, properties];
    if (key === 'required') return [key, names];
    return [key, value];
  });
  const has = (key: string) => root.some(([name]) => name === key);
  if (!has('properties') && rows.length > 0) entries.push(['properties', properties]);
  if (!has('required') && names.length > 0) entries.push(['required', names]);
  return Object.fromEntries(entries);
}

function requiredNames(rows: Row[], required: Rows['required']): string[] {
  const kept = required.flatMap((entry) => {
    if ('name' in entry) return [entry.name];
    const row = rows.find((row) => row.key === entry.row && row.required);
    return row ? [row.name] : [];
  });
  const added = rows.filter(
    (row) => row.required && !required.some((entry) => 'row' in entry && entry.row === row.key),
  );
  // A row may have been given a name that `required` held already.
  return [...new Set([...kept, ...added.map((row) => row.name)])];
}

/** A new, empty parameter. */
export function newRow(name = ''): Row {
  return { key: rowKey(), name, required: false, property: { type: 'string', description: '' } };
}

/** What stands against the names of the rows, by row key. A schema cannot hold such names. */
export function nameProblems(rows: Row[]): Map<string, string> {
  const problems = new Map<string, string>();
  for (const [i, row] of rows.entries()) {
    if (row.name === '') {
      problems.set(row.key, 'Give the parameter a name');
    } else if (rows.slice(0, i).some((other) => other.name === row.name)) {
      problems.set(row.key, `There is another parameter called ${row.name}`);
    }
  }
  return problems;
}

/** A row with one keyword set or taken away. */
export function withKeyword(row: Row, keyword: string, value: Json | undefined): Row {
  if (!isObject(row.property)) return row;
  return { ...row, property: withKey(row.property, keyword, value) };
}

/** A keyword's value where it is a text, else the empty one. */
export function textOf(row: Row, keyword: string): string {
  const value = isObject(row.property) ? own(row.property, keyword) : undefined;
  return typeof value === 'string' ? value : '';
}

/** The row's type, `""` where it has none or several. */
export function typeOf(row: Row): RowType | '' {
  const type = textOf(row, 'type');
  return TYPES.find((known) => known === type) ?? '';
}

/** How a choice of values is shown for a row. */
export type Choices = { texts: string[] } | 'elsewhere';

/** The `enum` as texts, where texts and back is no loss. */
export function choicesOf(row: Row): Choices {
  const list = isObject(row.property) ? own(row.property, 'enum') : undefined;
  if (list === undefined) return { texts: [] };
  if (!Array.isArray(list)) return 'elsewhere';
  if (new Set(list).size !== list.length) return 'elsewhere';
  const type = typeOf(row);
  if (type === 'string' && list.every((item) => typeof item === 'string' && item.trim() === item && item !== '')) {
    return { texts: list as string[] };
  }
  if ((type === 'number' || type === 'integer') && list.every((item) => typeof item === 'number')) {
    return { texts: list.map(String) };
  }
  return 'elsewhere';
}

/** A row with these choices. A text that is no number is left out of a number's choices. */
export function withChoices(row: Row, texts: string[]): Row {
  const type = typeOf(row);
  const values: Json[] =
    type === 'string' ? texts : texts.filter((text) => text.trim() !== '' && Number.isFinite(Number(text))).map(Number);
  return withKeyword(row, 'enum', values.length > 0 ? values : undefined);
}

/** Whether rows of this type take a list of choices. */
export function takesChoices(row: Row): boolean {
  return ['string', 'number', 'integer'].includes(typeOf(row)) && choicesOf(row) !== 'elsewhere';
}

const SHOWN = ['description', 'format', 'pattern', 'x-source', 'x-grounding'];

/** The keywords of a property that its row does not show. */
export function unshown(row: Row): string[] {
  if (!isObject(row.property)) return ['the whole schema'];
  const property = row.property;
  return Object.keys(property).filter((keyword) => {
    const value = property[keyword];
    if (keyword === 'type') return !TYPES.some((type) => type === value);
    if (keyword === 'enum') return choicesOf(row) === 'elsewhere' || !takesChoices(row);
    if (keyword === 'const') return !isScalar(value);
    return !SHOWN.includes(keyword) || typeof value !== 'string';
  });
}

/** The root's keywords that no row shows, and the required names that no row has. */
export function unshownAtRoot({ root, required }: Rows): string[] {
  const keywords = root
    .filter(([key, value]) => !['properties', 'required'].includes(key) && !(key === 'type' && value === 'object'))
    .map(([key]) => key);
  const undeclared = required.flatMap((entry) => ('name' in entry ? [`required: ${entry.name}`] : []));
  return [...keywords, ...undeclared];
}

function isScalar(value: Json | undefined): boolean {
  return value !== undefined && (value === null || typeof value !== 'object');
}

/** Where a row's value comes from. */
export type Source = 'customer' | 'const' | string;

/** `customer`, `const`, or the contact's field. */
export function sourceOf(row: Row): Source {
  const source = textOf(row, 'x-source');
  if (source !== '') return source;
  return isObject(row.property) && Object.hasOwn(row.property, 'const') ? 'const' : 'customer';
}

/** A row with another source. */
export function withSource(row: Row, source: Source): Row {
  const cleared = withKeyword(
    withKeyword(row, 'x-source', undefined),
    'const',
    source === 'const' ? (constOf(row) ?? '') : undefined,
  );
  return source === 'customer' || source === 'const' ? cleared : withKeyword(cleared, 'x-source', source);
}

/** The fixed value of a row. */
export function constOf(row: Row): Json | undefined {
  return isObject(row.property) ? own(row.property, 'const') : undefined;
}

/** A fixed value out of what was typed: of the row's type, where it has one. */
export function constFrom(row: Row, text: string): Json {
  const type = typeOf(row);
  if (type === 'string') return text;
  if (type === 'boolean') return text === 'true';
  if ((type === 'number' || type === 'integer') && text.trim() !== '' && Number.isFinite(Number(text))) {
    return Number(text);
  }
  return text;
}
