import { Text } from '@mantine/core';
import { IconQuote } from '@tabler/icons-react';
import type { Provenance } from '../api/types';
import { useLit } from './lit';
import classes from './trace.module.css';
import { fieldName, provenanceWords, valueText } from './words';

/** One value, where it came from, and its name for highlighting. */
export type ShownValue = { key: string; path: string; value: unknown; provenance: Provenance | null };

/** Every value of a call beside where it came from. Hovering one lights its words. */
export function Values({ values, sent = true }: { values: ShownValue[]; /** Whether they left. */ sent?: boolean }) {
  if (values.length === 0) return <Text size="sm" c="dimmed">No parameters.</Text>;
  return (
    <ul className={classes.values}>
      {values.map((value) => <Value key={value.key} shown={value} sent={sent} />)}
    </ul>
  );
}

function Value({ shown, sent }: { shown: ShownValue; sent: boolean }) {
  const { key, path, value, provenance } = shown;
  const lit = useLit([key]);
  return (
    <li className={classes.value} data-from={provenance?.source} tabIndex={0} {...lit}>
      <div className="dh-mono"><span className={classes.name}>{fieldName(path)}</span> = <span className={classes.given}>{valueText(value)}</span></div>
      <div className={classes.origin}>
        <IconQuote size={13} stroke={1.75} aria-hidden />
        {provenance ? provenanceWords(provenance) : sent ? 'no origin was recorded' : 'written by the model'}
      </div>
    </li>
  );
}
