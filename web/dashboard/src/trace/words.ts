import type { Invocation, Provenance, TurnRecord } from '../api/types';
import type { CallTrace, Verdict } from './events';

type FailureCode = NonNullable<Invocation['failure']>['code'];

/** What an invocation came to, in a sentence for the operator. */
export function outcomeSentence(
  invocation: Pick<Invocation, 'status' | 'failure' | 'error'> & { settlement?: { by: string } | null },
): string {
  const { status, failure, error, settlement } = invocation;
  if (settlement?.by === 'operator') {
    return status === 'succeeded' ? 'Somebody of your workspace found that it went through.' : 'Somebody of your workspace found that it did not go through.';
  }
  switch (status) {
    case 'succeeded':
      return 'The endpoint said it was done.';
    case 'completed':
      return 'Your system reported that it is done.';
    case 'declined':
      if (settlement?.by === 'callback') return `Your system reported that it was not done${error ? `: “${error}”` : '.'}`;
      return error ? `The endpoint said no: “${error}”` : 'The endpoint said no, without a reason.';
    case 'failed':
      return `${sentence(failure?.message ?? 'It could not be completed')} It was not done.`;
    case 'unknown':
      return `It may or may not have happened. ${sentence(failure?.message ?? '')}`.trim();
    case 'sending':
      return 'The request is on its way. No outcome is known yet.';
    case 'intended':
      return 'It has been decided and recorded. Nothing has left yet.';
    case 'accepted':
      return 'It has been started. Your system will report back by the callback URL.';
    case 'awaiting_confirmation':
      return 'It waits for the customer’s yes.';
    case 'expired':
      return 'Your system did not report back in time. Whether it was done is not known here.';
    case 'cancelled':
      return 'It was called off before anything was sent.';
  }
}

const MEND: Record<FailureCode, string> = {
  blocked_destination: 'Use a public host on port 443 or 8443, or ask your operator to allow this address.',
  dns_error: 'Check the host in the webhook URL, and that its DNS record is public.',
  connect_error: 'Check that the server is running and that its firewall lets the addresses under Settings, Network in.',
  tls_error: 'Check the certificate: it must be valid, complete with its chain, and made for this host.',
  timeout: 'Answer sooner: take the work in and answer at once. Or raise the timeout of the action.',
  connection_lost: 'Look in your server’s log for the time of the call: it closed the connection before a whole answer was sent.',
  http_error: 'Look in your server’s log by the webhook-id. For a refusal meant for the customer, answer 200 with "success": false.',
  redirect_refused: 'Put the address that answers itself into the webhook URL: redirects are not followed.',
  invalid_response: 'Answer with a JSON object such as {"success": true, "result": {…}}.',
  response_too_large: 'Answer with less: at most 1 MiB, and only what the agent needs.',
  circuit_open: 'The endpoint failed too often lately, so it is left alone for 30 seconds at a time. Mend the endpoint; calls go on by themselves.',
  rate_limited: 'The limit you set for this action was reached. Raise it if customers need more.',
  budget_exhausted: 'The turn or the conversation has used up its calls. A result that says plainly that the work is done keeps a model from trying again.',
  not_verified: 'The action is only for customers whose identity is proven. Have your site sign a contact token.',
  contact_field_missing: 'Have your site send this field with the contact, or make the parameter optional.',
  confirmation_unavailable: 'This server cannot ask for a confirmation yet. Turn confirmation off for this action to let it run.',
  interrupted: 'The server stopped while the call was under way. Look in your own system by the webhook-id.',
};

/** What the owner can do about a failure. */
export function mend(code: string): string | null {
  return code in MEND ? MEND[code as FailureCode] : null;
}

const STOPPED: Record<NonNullable<TurnRecord['stop_reason']>, string> = {
  model_unavailable: 'No model gave an answer. Check the model and its key with “Test this model” on the agent’s page, or give the agent a fallback model.',
  model_call_budget: 'The model still asked for calls in its eighth answer. A result that says plainly that the work is done keeps it from trying again.',
  call_budget: 'The turn had used its calls. A result that says plainly that the work is done keeps a model from trying again.',
  token_budget: 'The agent has used up its tokens for today (UTC). Raise its daily token budget to go on before tomorrow.',
  time_budget: 'The turn took longer than 180 s. The timings of the steps show where the time went.',
  repair_budget: 'The model kept asking for calls that could not be sent. Clearer names and descriptions of the parameters help, or a stronger model.',
  interrupted: 'The server stopped while the turn was running.',
  internal: 'The server itself failed. Its log says why.',
};

/** Why a turn was stopped and what to do about it. */
export function stopSentence(reason: string): string {
  if (reason === 'calls_failed') return 'There was an answer, but no call made for it went through.';
  return reason in STOPPED
    ? STOPPED[reason as keyof typeof STOPPED]
    : `The turn was stopped (${reason.replaceAll('_', ' ')}).`;
}

const VERDICTS: Record<Verdict, string> = {
  run: 'Sent',
  refused: 'Not sent',
  repeated: 'Not sent again',
  unknown_action: 'Not sent',
  bad_json: 'Not sent',
};

/** What was decided about a call: two or three words. */
export function verdictWords(verdict: Verdict): string {
  return VERDICTS[verdict];
}

/** A message that begins small or without its full stop, so that others can follow. */
function sentence(message: string): string {
  const text = message.trim();
  const stop = text === '' || /[.!?…]$/.test(text) ? '' : '.';
  return text.charAt(0).toUpperCase() + text.slice(1) + stop;
}

/** Why a call was not sent, in a sentence; null for one that was. */
export function refusalSentence(call: Pick<CallTrace, 'verdict' | 'reason' | 'action'>): string | null {
  switch (call.verdict) {
    case 'run':
      return null;
    case 'repeated':
      return call.reason ?? 'The same call has been made already; its outcome stands for both.';
    case 'unknown_action':
      return call.reason ?? `The agent has no action named ${call.action}.`;
    case 'bad_json':
      return call.reason ?? 'The model’s arguments are not a JSON object.';
    case 'refused':
      return call.reason ?? 'It must not be run as it is.';
  }
}

/** What kept one parameter from being sent: `order_number is missing`. */
export function fieldSentence(field: CallTrace['fields'][number]): string {
  const name = fieldName(field.path) || 'The set of parameters';
  switch (field.problem) {
    case 'missing':
      return `${name} is missing`;
    case 'not_given':
      return `${name} is not in the conversation: the customer never gave this value`;
    case 'invalid':
      return `${name} does not fit the schema: ${field.message}`;
  }
}

/** Where a value came from, in words that go on from its name: `from the customer’s message (“ORD-12345”)`. */
export function provenanceWords({ source, reference, pointer, text }: Provenance): string {
  const quoted = text ? ` (“${text}”)` : '';
  switch (source) {
    case 'message':
      return `from the customer’s message${quoted}`;
    case 'contact':
      return `from the contact: ${(reference ?? 'contact').replace(/^contact\./, '')}${quoted}`;
    case 'result':
      return pointer ? `from an earlier result, at ${pointer}${quoted}` : `from an earlier result${quoted}`;
    case 'schema':
      return 'fixed or listed by you in the parameter’s schema';
    case 'derived':
      return text ? `worked out from “${text}”` : 'worked out from the conversation';
  }
}

/** A JSON Pointer as people write it: `/lines/0/sku` is `lines.0.sku`. */
export function fieldName(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
}

/** A value on one line: texts as they are, the rest as JSON. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value) ?? 'null';
}
