import type { Attempt } from '../api/types';

type SentRequest = Attempt['request'];

/** Headers that curl works out itself. */
const OWN = new Set(['host', 'content-length', 'connection']);

/** A request as a command for a shell. Says what has to be filled in before it is the same again. */
export function curl(request: SentRequest): string {
  // Brackets and braces in an address mean something to curl unless it is told otherwise.
  const literal = /[[\]{}]/.test(request.url) ? '--globoff ' : '';
  const lines = [`curl ${literal}--request POST ${quoted(request.url)}`];
  for (const { name, value } of request.headers) {
    if (!OWN.has(name.toLowerCase())) lines.push(`--header ${quoted(`${name}: ${value}`)}`);
  }
  lines.push(`--data-raw ${quoted(request.body)}`);
  return lines.join(' \\\n  ');
}

/** What somebody must know who runs the command again; empty if nothing. */
export function curlNotes(request: SentRequest): string[] {
  const notes: string[] = [];
  const hidden = request.headers.filter(({ value }) => value === '[redacted]').map(({ name }) => name);
  if (hidden.length > 0) {
    notes.push(`Fill in ${hidden.join(', ')}: secrets are never shown.`);
  }
  if (request.headers.some(({ name }) => name.toLowerCase() === 'webhook-signature')) {
    notes.push(
      'The signature belongs to the time it was made: an endpoint that checks the timestamp refuses it after a few minutes.',
    );
  }
  return notes;
}

/** For a POSIX shell: nothing in single quotes means anything but the single quote itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
