import { choicesOf, constOf, sourceOf, textOf, type Row } from './rows';

/** The formats that the agent and the check of a call know of. */
export const FORMATS = ['date', 'date-time', 'time', 'email', 'uri', 'uuid', 'ipv4', 'ipv6', 'hostname'] as const;

/** The contact's fields a value may be taken from. */
export const CONTACT_FIELDS = ['contact.id', 'contact.name', 'contact.email', 'contact.phone'] as const;

/** The prefix of a contact's own fields. */
export const ATTRIBUTES = 'contact.attributes.';

/** A parameter's rules in a few words each. */
export function rulesOf(row: Row): string[] {
  const rules: string[] = [];
  const source = sourceOf(row);
  if (source === 'const') rules.push(`always ${JSON.stringify(constOf(row))}`);
  else if (source !== 'customer') rules.push(`from ${source}`);
  const choices = choicesOf(row);
  if (choices !== 'elsewhere' && choices.texts.length > 0) {
    rules.push(choices.texts.length > 3 ? `${choices.texts.length} choices` : `one of ${choices.texts.join(', ')}`);
  }
  const format = textOf(row, 'format');
  if (format !== '') rules.push(format);
  const pattern = textOf(row, 'pattern');
  if (pattern !== '') rules.push(`matches ${pattern}`);
  const grounding = textOf(row, 'x-grounding');
  if (grounding === 'verbatim') rules.push('word for word');
  if (grounding === 'free') rules.push('the agent may write it');
  return rules;
}

/** Why a pattern cannot be used, as far as a browser can tell. */
export function patternProblem(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'u');
    return undefined;
  } catch (error) {
    return error instanceof Error
      ? error.message.replace(/^Invalid regular expression: /, 'Not a pattern: ')
      : 'Not a pattern';
  }
}
