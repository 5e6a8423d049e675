// What can be said of a webhook URL at once, before the server has judged it.

import type { Note } from './places';

/** The state of the URL as shown under its field. */
export type Verdict =
  | { state: 'empty' }
  | { state: 'checking' }
  | { state: 'fine'; text: string }
  | { state: 'refused'; rule: string; note: Note }
  | { state: 'doubtful'; note: Note };

/** The verdict, from the findings of the last check. `current`: they are about this very URL. */
export function verdict(url: string, notes: Note[], current: boolean): Verdict {
  if (url.trim() === '') return { state: 'empty' };
  if (!current) return { state: 'checking' };
  const about = notes.filter((note) => note.field === 'webhook_url');
  const refused = about.find((note) => note.severity === 'error');
  if (refused) return { state: 'refused', rule: ruleIn(refused), note: refused };
  const doubtful = about.find((note) => note.code === 'does_not_resolve');
  if (doubtful) return { state: 'doubtful', note: doubtful };
  const port = portOf(url);
  const open = isOpen(url, port);
  return { state: 'fine', text: `${open ? 'Public' : "Allowed by this server's operator"}, TLS, port ${port}` };
}

/** Not one of the addresses and ports that only an operator's exception opens. */
function isOpen(url: string, port: string): boolean {
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  const inside = /^(10|127)\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^\[(::1|f[cd])/i.test(host);
  return !inside && (port === '443' || port === '8443');
}

/** “The URL is refused by rule port_not_allowed: …” → `port_not_allowed`. */
function ruleIn(note: Note): string {
  return /\brule ([a-z_]+)/.exec(note.message)?.[1] ?? note.code;
}

function portOf(url: string): string {
  try {
    return new URL(url).port || '443';
  } catch {
    return '443';
  }
}
