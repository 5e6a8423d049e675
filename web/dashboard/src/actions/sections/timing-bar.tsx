import type { Timings } from '../../api/types';
import { duration } from '../../parts/time';
import classes from '../actions.module.css';
import { phases } from '../model/phases';

// Shades of one colour: a phase is no state.
const SHADES = ['var(--mantine-color-accent-2)', 'var(--mantine-color-accent-3)', 'var(--mantine-color-accent-4)', 'var(--mantine-color-accent-6)', 'var(--dh-grey)'];

/** Where the time of an attempt went: DNS, connect, TLS, first byte, the rest. */
export function TimingBar({ timings }: { timings: Timings }) {
  const all = phases(timings);
  const said = all.map(({ name, ms }) => `${name} ${duration(ms)}`).join(', ');
  return (
    <div>
      <div className={classes.bar} role="img" aria-label={`${duration(timings.total_ms)} in all: ${said}`}>
        {all.map(({ name, ms }, at) => <span key={name} style={{ flexGrow: ms, background: SHADES[at] }} />)}
      </div>
      <ul className={classes.phases}>
        {all.map(({ name, ms, reused }, at) => (
          <li key={name} style={{ '--phase': SHADES[at] } as React.CSSProperties}>
            {name} <span className="dh-number">{reused ? 'none' : duration(ms)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
