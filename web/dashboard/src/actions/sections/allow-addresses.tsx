import { Group, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { egressQuery } from '../../api/queries';
import { CopyButton } from '../../parts/copy-button';
import { ProblemAlert } from '../../parts/problem-alert';

/** The addresses that calls come from, for the owner's firewall. */
export function AllowAddresses() {
  const egress = useQuery(egressQuery);
  if (egress.error) return <ProblemAlert error={egress.error} onRetry={() => void egress.refetch()} />;
  if (!egress.data) return <Skeleton height={48} />;
  const { addresses, ports } = egress.data;
  return (
    <Stack gap="xs">
      {addresses.length > 0 ? (
        <>
          <Group gap="xs" justify="space-between" wrap="nowrap">
            <code>{addresses.join(', ')}</code>
            <CopyButton text={addresses.join('\n')} label="Copy the addresses" word="Copy" />
          </Group>
          <Text size="sm" c="dimmed">
            Calls come from {addresses.length === 1 ? 'this address' : 'these addresses'} to port {ports.join(' or ')}. An
            address alone proves little: verify the signature too.
          </Text>
        </>
      ) : (
        <Text size="sm">
          The operator of this server has not published the addresses that calls come from. Ask for the
          setting <code>egress_addresses</code>, or rely on the signature alone.
        </Text>
      )}
    </Stack>
  );
}
