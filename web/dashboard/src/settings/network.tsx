import { Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { egressQuery } from '../api/queries';
import { CodeBlock } from '../parts/code-block';
import { CopyButton } from '../parts/copy-button';
import { ProblemAlert } from '../parts/problem-alert';
import { Section } from '../parts/section';
import classes from './settings.module.css';

/** What an owner's firewall and endpoint have to know about the calls. */
export function NetworkSettings() {
  const egress = useQuery(egressQuery);
  if (egress.error) return <ProblemAlert error={egress.error} onRetry={() => void egress.refetch()} />;
  if (!egress.data) return <Skeleton height={220} />;
  const { addresses, user_agent, ports, signature } = egress.data;
  return (
    <>
      <Section title="Addresses that calls come from" about="If a firewall guards your endpoints, let these in.">
        {addresses.length > 0 ? (
          <CodeBlock code={addresses.join('\n')} title={addresses.length === 1 ? '1 address' : `${addresses.length} addresses`} copyLabel="Copy the addresses" />
        ) : (
          <Text size="sm">
            The operator of this server has not published any. They are set with <code>DESKHAND_EGRESS_ADDRESSES</code>; until then verify
            the signature of each call, which is the better proof in any case.
          </Text>
        )}
      </Section>
      <Section title="How calls look" about="The same for every action.">
        <Stack gap={0}>
          <Fact name="User agent" value={user_agent} />
          <Fact name="Ports called" value={ports.join(', ')} />
          <Fact name="Signature" value={`${signature.scheme} ${signature.version}`} />
          <Fact name="Signature headers" value={signature.headers.join(', ')} />
        </Stack>
      </Section>
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div className={classes.row}>
      <Text size="sm" c="dimmed" w={150}>{name}</Text>
      <span className={`dh-mono ${classes.what}`}>{value}</span>
      <CopyButton text={value} label={`Copy: ${name}`} />
    </div>
  );
}
