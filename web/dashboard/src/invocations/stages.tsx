import { exact } from '../parts/time';
import type { Stage } from './timeline';
import classes from '../trace/trace.module.css';

/** Stages one under the other, each with its time. */
export function Stages({ stages }: { stages: Stage[] }) {
  return (
    <ol className={classes.steps}>
      {stages.map(({ key, title, text, at, tone }) => (
        <li key={key} className={classes.step}>
          <span className={classes.dot} data-tone={tone} aria-hidden />
          <div className={classes.line}>
            <strong>{title}</strong>
            {at ? <time className={classes.side} dateTime={at} title={exact(at)}>{clock(at)}</time> : null}
          </div>
          <div className={classes.quiet}>{text}</div>
        </li>
      ))}
    </ol>
  );
}

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3,
});

/** The time of day to the millisecond: what matters between the stages of one call. */
function clock(at: string): string {
  return CLOCK.format(new Date(at));
}
