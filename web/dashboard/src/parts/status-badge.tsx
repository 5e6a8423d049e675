import classes from './parts.module.css';

type Tone = 'green' | 'amber' | 'red' | 'grey';

const KNOWN: Record<string, [Tone, string]> = {
  succeeded: ['green', 'Succeeded'],
  completed: ['green', 'Completed'],
  unknown: ['amber', 'Unknown'],
  accepted: ['amber', 'Accepted'],
  sending: ['amber', 'Sending'],
  intended: ['amber', 'Intended'],
  awaiting_confirmation: ['amber', 'Awaiting confirmation'],
  running: ['amber', 'Running'],
  waiting: ['amber', 'Waiting'],
  failed: ['red', 'Failed'],
  declined: ['grey', 'Declined'],
  cancelled: ['grey', 'Cancelled'],
  expired: ['grey', 'Expired'],
  off: ['grey', 'Off'],
  on: ['green', 'On'],
  test: ['grey', 'Test'],
  pending: ['amber', 'Pending'],
  delivered: ['green', 'Delivered'],
  paused: ['grey', 'Paused'],
  disabled: ['red', 'Switched off'],
  open: ['red', 'Circuit open'],
  half_open: ['amber', 'Trying one call'],
  person: ['amber', 'Waiting for a person'],
};

type Props = { status: string; /** Instead of the status's own word. */ label?: string; tone?: Tone };

/** A state as a colour, a shape and a word: never the colour alone. */
export function StatusBadge({ status, label, tone }: Props) {
  const [known, word] = KNOWN[status] ?? ['grey', status.replaceAll('_', ' ')];
  return <span className={classes.badge} data-tone={tone ?? known}>{label ?? word}</span>;
}
