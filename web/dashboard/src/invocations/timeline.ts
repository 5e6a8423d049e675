import type { InvocationWithAttempts } from '../api/types';
import { outcomeSentence } from '../trace/words';
import { duration, exact } from '../parts/time';

export type Tone = 'green' | 'amber' | 'red' | 'grey';

/** One stage in the life of an invocation. */
export type Stage = { key: string; title: string; text: string; at: string | null; tone: Tone };

const TONES: Record<InvocationWithAttempts['status'], Tone> = {
  succeeded: 'green', completed: 'green',
  unknown: 'amber', accepted: 'amber', sending: 'amber', intended: 'amber', awaiting_confirmation: 'amber',
  failed: 'red',
  declined: 'grey', cancelled: 'grey', expired: 'grey',
};

/** The colour of a status. */
export function toneOf(status: InvocationWithAttempts['status']): Tone {
  return TONES[status];
}

/** Whether it can still change by itself. */
export function isOpen(status: InvocationWithAttempts['status']): boolean {
  return status === 'intended' || status === 'sending' || status === 'accepted' || status === 'awaiting_confirmation';
}

/** Decided → checked → intended → each attempt → outcome: what took place of it. */
export function timeline(invocation: InvocationWithAttempts): Stage[] {
  const { attempts, created_at, sent_at, status, failure, provenance } = invocation;
  const stages: Stage[] = [];
  const left = sent_at !== null || attempts.length > 0;
  const refused = failure !== null && !left;
  stages.push({
    key: 'decided',
    title: 'Decided',
    text: invocation.conversation_id ? 'The model asked for this call.' : 'Somebody ran it as a test.',
    at: created_at,
    tone: 'green',
  });
  stages.push({
    key: 'checked',
    title: refused ? 'Refused' : 'Checked',
    text: refused ? failure.message : checked(invocation.conversation_id !== null, provenance.length),
    at: created_at,
    tone: refused ? 'red' : 'green',
  });
  if (!refused) {
    stages.push({ key: 'intended', title: 'Intended', text: 'Recorded before anything left.', at: created_at, tone: 'green' });
  }
  for (const attempt of attempts) {
    const came = attempt.response ? `Status ${attempt.response.status}` : 'No response';
    stages.push({
      key: attempt.id,
      title: `Attempt ${attempt.number}`,
      text: `${came} after ${duration(attempt.timings.total_ms)}. ${attempt.failure?.message ?? ''}`.trim(),
      at: attempt.started_at,
      tone: attempt.failure ? (status === 'unknown' ? 'amber' : 'red') : 'green',
    });
  }
  if (left && attempts.length === 0) {
    stages.push({ key: 'sending', title: 'Sending', text: 'From here on bytes may have left.', at: sent_at, tone: 'amber' });
  }
  stages.push(...afterwards(invocation), ending(invocation));
  return stages;
}

/** What happened between the call itself and its outcome: work that goes on, a look into one's own system. */
function afterwards({ status, progress, settlement }: InvocationWithAttempts): Stage[] {
  const stages: Stage[] = [];
  const works = status === 'accepted' || settlement?.by === 'expiry' || progress !== null;
  if (works) stages.push({ key: 'accepted', title: 'Accepted', text: 'Your endpoint took it in, and reports back.', at: null, tone: 'green' });
  if (progress) stages.push({ key: 'progress', title: 'Progress', text: `Your system reported: “${progress.text}”`, at: progress.at, tone: 'green' });
  if (settlement?.by === 'operator') {
    stages.push({ key: 'unknown', title: 'Unknown', text: 'Nobody could tell whether it had happened.', at: null, tone: 'amber' });
  }
  return stages;
}

function ending(invocation: InvocationWithAttempts): Stage {
  const { status, finished_at, settlement, expires_at } = invocation;
  if (status === 'accepted') {
    const until = expires_at ? ` A report is taken until ${exact(expires_at)}.` : '';
    return { key: 'open', title: 'Waiting', text: `No outcome has been reported yet.${until}`, at: null, tone: 'amber' };
  }
  if (finished_at === null && isOpen(status)) return { key: 'open', title: 'Outcome', text: 'None yet.', at: null, tone: 'amber' };
  const title = settlement?.by === 'operator' ? 'Settled by hand' : settlement?.by === 'expiry' ? 'Expired' : 'Outcome';
  return { key: 'outcome', title, text: outcomeSentence(invocation), at: settlement?.at ?? finished_at, tone: toneOf(status) };
}

function checked(conversation: boolean, values: number): string {
  if (!conversation) return 'The parameters fit the schema. In a test nobody has to have said them.';
  if (values === 0) return 'There is nothing in it that needs evidence.';
  return `The parameters fit the schema, and ${values === 1 ? 'the one value has' : `all ${values} values have`} an origin.`;
}

/** What is known and what is not about a call whose outcome is unknown. */
export function unknowns(invocation: InvocationWithAttempts): { known: string[]; open: string[] } {
  const last = invocation.attempts.at(-1);
  const known = ['The request was recorded before it was sent, and it will not be sent again by itself.'];
  if (invocation.failure) known.push(invocation.failure.message);
  if (last?.response) known.push(`The endpoint answered with status ${last.response.status}, but not with a whole, readable answer.`);
  else if (last && !invocation.failure) known.push(`No whole answer came within ${duration(last.timings.total_ms)}.`);
  known.push('The customer was told that it cannot be confirmed, neither as done nor as not done.');
  return {
    known,
    open: [
      'Whether your system received the request.',
      'Whether it did what was asked.',
    ],
  };
}
