// What the editor holds while an action is being written, and the request that it stands for.

import { isObject, own, parseJson, pretty, sameJson, type Json, type JsonObject } from './json';
import { nameProblems, rowsOf, schemaOf, type Rows } from './rows';

/** A header as it is edited. */
export interface HeaderDraft {
  key: string;
  name: string;
  kind: 'value' | 'secret';
  /** The value, or a new secret. */
  text: string;
  /** A secret is stored for it. */
  stored: boolean;
  /** The stored secret is to be replaced by `text`. */
  replace: boolean;
}

/** The parameters: rows while rows can show them, else text. */
export type ParametersDraft = { view: 'rows'; rows: Rows } | { view: 'json'; text: string };

/** A list whose entries are edited one by one. */
export interface Entry {
  key: string;
  text: string;
}

/** Everything the editor writes. */
export interface Draft {
  name: string;
  display_name: string;
  description: string;
  webhook_url: string;
  parameters: ParametersDraft;
  enabled: boolean;
  timeout_seconds: number | string;
  headers: HeaderDraft[];
  effect: 'read' | 'write';
  idempotent: boolean;
  confirmation: 'never' | 'always';
  requires_verified_contact: boolean;
  long_running: boolean;
  /** Null: the model sees the whole result. */
  result_fields: string[] | null;
  examples: string[];
  /** JSON, or nothing. */
  mock_response: string;
}

/** A header as the API shows it. */
export interface StoredHeader {
  name: string;
  value?: string | null;
  has_secret?: boolean | null;
}

/** The part of an action that its owner writes, as the API shows it. */
export interface Definition {
  name: string;
  display_name: string;
  description: string;
  webhook_url: string;
  parameters: JsonObject;
  enabled: boolean;
  timeout_seconds: number;
  headers: StoredHeader[];
  effect: 'read' | 'write';
  idempotent: boolean;
  confirmation: 'never' | 'always';
  requires_verified_contact: boolean;
  long_running: boolean;
  result_fields: string[] | null;
  examples: string[];
  mock_response: Json;
}

/** The fields of a definition, in the order of the contract. */
export const FIELDS = [
  'name',
  'display_name',
  'description',
  'webhook_url',
  'parameters',
  'enabled',
  'timeout_seconds',
  'headers',
  'effect',
  'idempotent',
  'confirmation',
  'requires_verified_contact',
  'long_running',
  'result_fields',
  'examples',
  'mock_response',
] as const satisfies readonly (keyof Definition)[];

/** The field of a definition. */
export type Field = (typeof FIELDS)[number];

/** A draft with nothing in it. */
export function blank(): Draft {
  return draftOf({
    name: '',
    display_name: '',
    description: '',
    webhook_url: '',
    parameters: { type: 'object', properties: {} },
    enabled: true,
    timeout_seconds: 30,
    headers: [],
    effect: 'write',
    idempotent: false,
    confirmation: 'never',
    requires_verified_contact: false,
    long_running: false,
    result_fields: null,
    examples: [],
    mock_response: null,
  });
}

/** The definition in an answer of the API, which tells no more about JSON than that it is some. */
export function definitionOf(action: { [F in Field]: unknown }): Definition {
  return Object.fromEntries(FIELDS.map((field) => [field, action[field]])) as unknown as Definition;
}

let made = 0;

/** A header with nothing in it. */
export function newHeader(): HeaderDraft {
  made += 1;
  return { key: `header-${made}`, name: '', kind: 'value', text: '', stored: false, replace: false };
}

/** A definition as a draft. */
export function draftOf(definition: Definition): Draft {
  return {
    name: definition.name,
    display_name: definition.display_name,
    description: definition.description,
    webhook_url: definition.webhook_url,
    parameters: parametersOf(definition.parameters),
    enabled: definition.enabled,
    timeout_seconds: definition.timeout_seconds,
    headers: definition.headers.map((header) => ({
      ...newHeader(),
      name: header.name,
      kind: header.has_secret ? 'secret' : 'value',
      text: header.value ?? '',
      stored: header.has_secret ?? false,
    })),
    effect: definition.effect,
    idempotent: definition.idempotent,
    confirmation: definition.confirmation,
    requires_verified_contact: definition.requires_verified_contact,
    long_running: definition.long_running,
    result_fields: definition.result_fields,
    examples: definition.examples,
    mock_response: definition.mock_response === null ? '' : pretty(definition.mock_response),
  };
}

/** A schema as rows where they can show it. */
export function parametersOf(schema: Json): ParametersDraft {
  const rows = rowsOf(schema);
  return 'jsonOnly' in rows ? { view: 'json', text: pretty(schema) } : { view: 'rows', rows };
}

/** The schema, or what stands against it. */
export function schemaIn(parameters: ParametersDraft): { schema: JsonObject } | { problem: string } {
  if (parameters.view === 'rows') {
    const problem = [...nameProblems(parameters.rows.rows).values()][0];
    return problem === undefined ? { schema: schemaOf(parameters.rows) } : { problem };
  }
  const parsed = parseJson(parameters.text);
  if (!parsed.ok) return { problem: parsed.message };
  return isObject(parsed.value) ? { schema: parsed.value } : { problem: 'must be a JSON object' };
}

/** The last schema that could be read: for previews, which should not flicker while one types. */
export function schemaOr(parameters: ParametersDraft, last: JsonObject): JsonObject {
  const read = schemaIn(parameters);
  return 'schema' in read ? read.schema : last;
}

/** What cannot even be sent, by field. The rest is the server's to judge. */
export function localProblems(draft: Draft): Map<string, string> {
  const problems = new Map<string, string>();
  const schema = schemaIn(draft.parameters);
  if ('problem' in schema) {
    problems.set('parameters', schema.problem);
    if (draft.parameters.view === 'rows') {
      for (const [key, problem] of nameProblems(draft.parameters.rows.rows)) {
        problems.set(`row:${key}`, problem);
      }
    }
  }
  if (draft.mock_response.trim() !== '') {
    const parsed = parseJson(draft.mock_response);
    if (!parsed.ok) problems.set('mock_response', parsed.message);
  }
  if (typeof draft.timeout_seconds !== 'number') problems.set('timeout_seconds', 'must be from 1 to 120');
  return problems;
}

/** A header as the API takes it. */
function headerOut(header: HeaderDraft): JsonObject {
  if (header.kind === 'value') return { name: header.name, value: header.text };
  if (header.stored && !header.replace) return { name: header.name };
  return { name: header.name, secret: header.text };
}

/** The draft as the API takes it, as far as it can be read: what cannot be is left out. */
export function bodyOf(draft: Draft): JsonObject {
  const schema = schemaIn(draft.parameters);
  const mock = draft.mock_response.trim() === '' ? null : parseJson(draft.mock_response);
  return {
    name: draft.name,
    display_name: draft.display_name,
    description: draft.description,
    webhook_url: draft.webhook_url,
    ...('schema' in schema ? { parameters: schema.schema } : {}),
    enabled: draft.enabled,
    ...(typeof draft.timeout_seconds === 'number' ? { timeout_seconds: draft.timeout_seconds } : {}),
    headers: draft.headers.map(headerOut),
    effect: draft.effect,
    idempotent: draft.idempotent,
    confirmation: draft.confirmation,
    requires_verified_contact: draft.requires_verified_contact,
    long_running: draft.long_running,
    result_fields: draft.result_fields,
    examples: draft.examples.filter((example) => example.trim() !== ''),
    ...(mock === null ? { mock_response: null } : mock.ok ? { mock_response: mock.value } : {}),
  };
}

/** The fields in which two drafts differ. An unreadable one differs by its text. */
export function changedFields(before: Draft, after: Draft): Field[] {
  const left = bodyOf(before);
  const right = bodyOf(after);
  return FIELDS.filter((field) => {
    if (!sameJson(own(left, field), own(right, field))) return true;
    // The order of parameters is the order in which an agent asks for them.
    if (field === 'parameters') {
      const unread = (draft: Draft) => !('schema' in schemaIn(draft.parameters));
      if (unread(after))
        return !unread(before) || JSON.stringify(before.parameters) !== JSON.stringify(after.parameters);
      return JSON.stringify(left.parameters) !== JSON.stringify(right.parameters);
    }
    if (field === 'mock_response') {
      const parsed = parseJson(after.mock_response || 'null');
      return !parsed.ok && before.mock_response !== after.mock_response;
    }
    return false;
  });
}

/** Only what has changed, as a patch. */
export function patchOf(before: Draft, after: Draft): JsonObject {
  const body = bodyOf(after);
  const changed = changedFields(before, after);
  return Object.fromEntries(Object.entries(body).filter(([field]) => (changed as string[]).includes(field)));
}

/**
 * A draft after the action was stored anew: what has been edited since `since` stays, the rest is as
 * stored. Where the two mean the same, the page keeps its own form: the view, the rows, the spacing.
 */
export function rebased(current: Draft, since: Draft, stored: Draft): Draft {
  const mine = changedFields(since, current).map((field) => [field, current[field]] as const);
  const next: Draft = { ...stored, ...Object.fromEntries(mine) };
  const differs = changedFields(stored, { ...current, headers: stored.headers });
  if (!differs.includes('parameters')) next.parameters = current.parameters;
  if (!differs.includes('mock_response')) next.mock_response = current.mock_response;
  return next;
}
