import type { Timings } from '../api/types';
import { duration } from '../parts/time';
import { phases } from './phases';
import classes from './trace.module.css';

/** Where the time of one request went: DNS, connect, TLS, first byte, the rest. */
export function TimingBar({ timings, legend = true }: { timings: Timings; legend?: boolean }) {
  const parts = phases(timings);
  const words = parts.map(({ label, ms }) => `${label} ${fine(ms)}`).join(', ');
  return (
    <div>
      <div className={classes.bar} role="img" aria-label={`${duration(timings.total_ms)} in all: ${words}`}>
        {parts.map(({ phase, share }) => <span key={phase} data-phase={phase} style={{ flexGrow: share }} />)}
      </div>
      {legend ? (
        <div className={classes.legend} aria-hidden>
          {parts.map(({ phase, label, ms }) => (
            <span key={phase}><i data-phase={phase} />{label} <span className="dh-number">{fine(ms)}</span></span>
          ))}
        </div>
      ) : null}
    </div>
  );
}

/** Phases are short: a tenth of a millisecond counts under ten. */
function fine(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : duration(ms);
}
