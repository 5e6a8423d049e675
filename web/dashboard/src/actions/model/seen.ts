// What the agent sees of an action, in short.

import { isObject, own, type Json, type JsonObject } from './json';
import { formOf } from './test-form';

/** The action as a call: `check_order_status(order_number, customer_email?)`. */
export function callShape(name: string, schema: JsonObject): string {
  const names = formOf(schema).fields.map((field) => (field.required ? field.name : `${field.name}?`));
  return `${name === '' ? '…' : name}(${names.join(', ')})`;
}

/** A parameter as the agent is told of it. */
export interface SeenParameter {
  name: string;
  required: boolean;
  /** “string, email”, “one of small, large”. */
  kind: string;
  description: string;
}

/** The parameters that the agent is told of: not those the server fills in. */
export function seenParameters(schema: JsonObject): SeenParameter[] {
  const properties = own(schema, 'properties');
  return formOf(schema).fields.map((field) => {
    const property = isObject(properties) ? own(properties, field.name) : undefined;
    return {
      name: field.name,
      required: field.required,
      kind: kindOf(isObject(property) ? property : {}),
      description: field.description,
    };
  });
}

function kindOf(property: JsonObject): string {
  const options = own(property, 'enum');
  if (Array.isArray(options)) return `one of ${options.map(plain).join(', ')}`;
  const type = own(property, 'type');
  const base = Array.isArray(type) ? type.map(plain).join(' or ') : typeof type === 'string' ? type : 'any';
  const format = own(property, 'format') ?? own(property, 'pattern');
  return typeof format === 'string' && format !== '' ? `${base}, ${format}` : base;
}

function plain(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
