import { IconArrowNarrowRight, IconUser } from '@tabler/icons-react';
import { StatusBadge } from '../parts/status-badge';
import { duration } from '../parts/time';
import { MessageText } from './message-text';
import type { Vouched } from './spans';
import classes from './transcript.module.css';
import { type CallStep, isOver, isRunning, isUnasked, type TurnView } from './turn';
import { refusalSentence, stopSentence, verdictWords } from './words';

type Props = {
  turns: TurnView[];
  /** The key of the turn whose trace is shown. */
  selected: string | null;
  onSelect: (key: string) => void;
  /** Values whose words are to be marked. */
  values: Vouched[];
};

/** What was said, oldest first, with the actions in their places. */
export function Transcript({ turns, selected, onSelect, values }: Props) {
  const known = new Set(turns.flatMap(({ message, reply }) => [message.id, reply.id]).filter((id) => id !== null));
  return (
    <ol className={classes.transcript} aria-label="Conversation">
      {turns.map((turn) => (
        <li key={turn.key} id={turn.key} className={classes.turn} data-selected={turn.key === selected || undefined}>
          {isUnasked(turn) ? null : <Said who="Customer" side="right"><MessageText message={turn.message} known={known} values={values} /></Said>}
          {turn.steps.filter((step) => step.kind === 'call').map((step) => (
            <ActionLine key={step.key} step={step} onOpen={() => onSelect(turn.key)} />
          ))}
          <Reply turn={turn} known={known} values={values} />
          {turn.stop ? <p className={classes.stopped}><strong>{turn.stop.reason.replaceAll('_', ' ')}:</strong> {stopSentence(turn.stop.reason)}</p> : null}
          {isUnasked(turn) && turn.steps.length === 0 ? null : (
            <button type="button" className={classes.what} aria-pressed={turn.key === selected} onClick={() => onSelect(turn.key)}>
              What happened{turn.duration_ms === null ? '' : ` · ${duration(turn.duration_ms)}`}
            </button>
          )}
        </li>
      ))}
    </ol>
  );
}

type SaidProps = { who: string; side: 'left' | 'right'; person?: boolean; children: React.ReactNode };

function Said({ who, side, person = false, children }: SaidProps) {
  return (
    <div className={classes.said} data-side={side} data-person={person || undefined}>
      <span className={classes.who}>{person ? <IconUser size={13} stroke={1.75} aria-hidden /> : null}{who}</span>
      <div className={classes.bubble}>{children}</div>
    </div>
  );
}

function Reply({ turn, known, values }: { turn: TurnView; known: ReadonlySet<string>; values: Vouched[] }) {
  if (turn.reply.text !== '') {
    return (
      <Said who={turn.by === 'person' ? 'Person from your team' : 'Agent'} side="left" person={turn.by === 'person'}>
        <MessageText message={turn.reply} known={known} values={turn.reply.id === null ? [] : values} />
      </Said>
    );
  }
  if (isOver(turn)) return null;
  const running = turn.steps.find((step): step is CallStep => step.kind === 'call' && isRunning(step));
  return (
    <Said who="Agent" side="left">
      <span className={classes.typing} role="status">
        <i aria-hidden /><i aria-hidden /><i aria-hidden />
        {running ? `${running.displayName ?? running.action}…` : <span className={classes.hidden}>The agent is thinking</span>}
      </span>
    </Said>
  );
}

function ActionLine({ step, onOpen }: { step: CallStep; onOpen: () => void }) {
  const { decision, invocation } = step;
  const refused = decision ? refusalSentence({ ...decision, action: step.action }) !== null : false;
  return (
    <button type="button" className={classes.action} onClick={onOpen}>
      <IconArrowNarrowRight size={15} stroke={1.75} aria-hidden />
      <span className="dh-mono">{step.action}</span>
      {refused && decision ? <StatusBadge status="off" tone={decision.verdict === 'repeated' ? 'grey' : 'red'} label={verdictWords(decision.verdict)} /> : null}
      {!refused && invocation ? <StatusBadge status={invocation.status} /> : null}
      {!refused && invocation && invocation.duration_ms !== null ? <span className="dh-number">{duration(invocation.duration_ms)}</span> : null}
    </button>
  );
}
