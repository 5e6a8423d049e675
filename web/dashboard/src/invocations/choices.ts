import type { Invocation } from '../api/types';
import { SLOW_MS } from '../overview/links';

type Failure = NonNullable<Invocation['failure']>['code'];

const STATUS_WORDS: Record<Invocation['status'], string> = {
  succeeded: 'Succeeded', declined: 'Declined', failed: 'Failed', unknown: 'Unknown', sending: 'Sending', intended: 'Intended',
  accepted: 'Accepted', completed: 'Completed', awaiting_confirmation: 'Awaiting confirmation', expired: 'Expired', cancelled: 'Cancelled',
};

const FAILURE_WORDS: Record<Failure, string> = {
  timeout: 'Timeout', http_error: 'HTTP error', invalid_response: 'Invalid response', response_too_large: 'Response too large',
  connection_lost: 'Connection lost', connect_error: 'No connection', dns_error: 'DNS error', tls_error: 'TLS error',
  blocked_destination: 'Blocked destination', redirect_refused: 'Redirect refused', circuit_open: 'Circuit open',
  rate_limited: 'Rate limited', budget_exhausted: 'Budget exhausted', not_verified: 'Not verified',
  contact_field_missing: 'Contact field missing', confirmation_unavailable: 'Confirmation unavailable', interrupted: 'Interrupted',
};

/** Statuses to choose from. */
export const STATUSES = choices(STATUS_WORDS);

/** Failure codes to choose from. */
export const FAILURES = choices(FAILURE_WORDS);

/** How long a call took at least; one that is chosen already, as by a number of the overview, among them. */
export function lengths(chosen: string | undefined): { value: string; label: string }[] {
  const all = new Set([1_000, SLOW_MS, 10_000]);
  const ms = Number(chosen);
  if (chosen && Number.isSafeInteger(ms) && ms >= 0) all.add(ms);
  return [...all].sort((a, b) => a - b).map((one) => ({ value: String(one), label: `Over ${one < 1_000 ? `${one} ms` : `${one / 1_000} s`}` }));
}

function choices(words: Record<string, string>): { value: string; label: string }[] {
  return Object.entries(words).map(([value, label]) => ({ value, label }));
}
