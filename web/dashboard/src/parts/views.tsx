import { UnstyledButton } from '@mantine/core';
import { type Filters, useFilters } from './filters';
import classes from './parts.module.css';

type View = { value: string | null; label: string; /** Other filters that go with it. */ also?: Filters; /** How many wait there; nothing is shown of none. */ count?: number };
type Props = { /** What is chosen between: "Which conversations". */ label: string; /** The filter that they set. */ name: string; views: View[] };

/** A few ways to look at a list, above it; which one stands in the address. */
export function Views({ label, name, views }: Props) {
  const [filters, set] = useFilters();
  return (
    <div className={classes.views} role="group" aria-label={label}>
      {views.map(({ value, label, also, count = 0 }) => {
        const current = (filters[name] ?? null) === value;
        return (
          <UnstyledButton key={label} className={classes.view} aria-pressed={current} data-current={current || undefined} onClick={() => set(name, value, also)}>
            {label}{count > 0 ? <>{' '}<span className={classes.count}>{count.toLocaleString()}</span></> : null}
          </UnstyledButton>
        );
      })}
    </div>
  );
}
