import { Text } from '@mantine/core';
import type { InvocationWithAttempts, Settlement } from '../api/types';
import { Section } from '../parts/section';
import { RelativeTime } from '../parts/time';
import classes from './invocations.module.css';

type Props = { settlement: Settlement; status: InvocationWithAttempts['status'] };

/** How somebody settled a call whose outcome was unknown, in their own words. */
export function Settled({ settlement, status }: Props) {
  return (
    <Section title="Settled by hand">
      <Text>
        Somebody of your workspace said <RelativeTime at={settlement.at} /> that {status === 'succeeded' ? 'it went through' : 'it did not go through'}.
      </Text>
      {settlement.note ? <div className={classes.said}><blockquote>{settlement.note}</blockquote></div> : null}
    </Section>
  );
}
