import type { Delivery, EventEndpoint, EventType } from '../api/types';
import { relative } from '../parts/time';

/** A type that can be chosen, and what it tells. */
type Choice = { type: EventType; about: string };

/** The types an owner can choose, by what they are about. */
export const CHOICES: { group: string; types: Choice[] }[] = [
  {
    group: 'Conversations',
    types: [
      { type: 'conversation.started', about: 'A customer has begun a conversation.' },
      { type: 'conversation.message', about: 'A customer, an agent or a person has said something.' },
      { type: 'handoff.requested', about: 'A customer is to be answered by a person.' },
    ],
  },
  {
    group: 'Invocations',
    types: [
      { type: 'invocation.succeeded', about: 'Your endpoint did what was asked.' },
      { type: 'invocation.declined', about: 'Your endpoint said no.' },
      { type: 'invocation.failed', about: 'A call could not be completed, and nothing was done.' },
      { type: 'invocation.unknown', about: 'Nobody can tell whether a call went through: it waits to be settled.' },
      { type: 'invocation.accepted', about: 'Work that takes long has begun.' },
      { type: 'invocation.completed', about: 'Work that took long is done.' },
      { type: 'invocation.expired', about: 'Work that takes long was not reported on in time.' },
    ],
  },
  {
    group: 'This server',
    types: [{ type: 'endpoint.disabled', about: 'Another of your endpoints was switched off, because it failed.' }],
  },
];

/** How many types there are to choose. */
export const ALL = CHOICES.reduce((sum, { types }) => sum + types.length, 0);

/** Which events go to an endpoint, in a few words. */
export function typesWords(types: EventEndpoint['types']): string {
  if (types === null) return 'All events';
  const [first, second] = types;
  if (first === undefined) return 'No events';
  if (types.length <= 2) return [first, second].filter(Boolean).join(', ');
  return `${first} and ${types.length - 1} more`;
}

/** The state of an endpoint, by the name that its badge goes by. */
export function stateOf({ enabled, disabled }: Pick<EventEndpoint, 'enabled' | 'disabled'>): 'on' | 'paused' | 'disabled' {
  if (disabled) return 'disabled';
  return enabled ? 'on' : 'paused';
}

/** Why the server switched an endpoint off, and what to do. */
export function disabledSentence({ reason, detail }: NonNullable<EventEndpoint['disabled']>): string {
  const why = reason === 'gone' ? 'It answered 410: nobody is there any more.' : 'Nothing has reached it for five days.';
  return detail || why;
}

/** What became of a delivery, in a sentence. */
export function deliverySentence({ status, http_status, last_error, next_attempt_at, attempts_made }: Delivery, now: number): string {
  const failed = last_error ? ` ${last_error}` : http_status === null ? '' : ` It answered ${http_status}.`;
  switch (status) {
    case 'delivered':
      return http_status === null ? 'The endpoint took it.' : `The endpoint took it and answered ${http_status}.`;
    case 'failed':
      return `It was given up after ${count(attempts_made)}.${failed}`;
    case 'pending': {
      const due = next_attempt_at === null ? null : Date.parse(next_attempt_at) <= now + 2_000 ? 'now' : relative(next_attempt_at, now);
      const next = due === null ? '' : due === 'now' ? ' It is about to be sent.' : ` The next attempt is due ${due}.`;
      return attempts_made === 0 ? `It has not been sent yet.${next}` : `${capital(count(attempts_made))} failed.${failed}${next}`;
    }
  }
}

const MEND: Record<string, string> = {
  blocked_destination: 'Use a public host on port 443 or 8443, or ask your operator to allow this address.',
  dns_error: 'Check the host in the URL, and that its DNS record is public.',
  connect_error: 'Check that the server is running and that its firewall lets the addresses under Settings, Network in.',
  tls_error: 'Check the certificate: it must be valid, complete with its chain, and made for this host.',
  timeout: 'Answer 200 at once, and do the work afterwards.',
  http_error: 'Look in your server’s log by the webhook-id. Any answer of 200 to 299 counts as taken; 410 switches the endpoint off.',
  redirect_refused: 'Put the address that answers itself into the URL: redirects are not followed.',
};

/** What the owner of an endpoint can do about a failed attempt. */
export function mendDelivery(code: string): string | null {
  return MEND[code] ?? null;
}

function count(attempts: number): string {
  return attempts === 1 ? '1 attempt' : `${attempts} attempts`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
