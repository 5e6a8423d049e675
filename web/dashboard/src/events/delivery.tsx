import { Anchor, Button, Stack, Text } from '@mantine/core';
import { IconRepeat } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import type { DeliveryWithAttempts } from '../api/types';
import { useCrumb } from '../frame/breadcrumb';
import { PageLoading } from '../frame/fallbacks';
import { AttemptView } from '../invocations/attempt';
import classes from '../invocations/invocations.module.css';
import { PageHead } from '../parts/page-head';
import { ProblemAlert } from '../parts/problem-alert';
import { Section } from '../parts/section';
import { StatusBadge } from '../parts/status-badge';
import { tell, tellProblem } from '../parts/tell';
import { RelativeTime } from '../parts/time';
import { deliveriesKey, deliveryQuery, endpointQuery, redeliver } from './queries';
import { deliverySentence, mendDelivery } from './words';

const TONES = { delivered: 'green', pending: 'amber', failed: 'red' } as const;

/** One event on its way to one endpoint, with every request made for it. */
export function Page() {
  const { id, delivery } = useParams({ from: '/framed/settings/events/$id/$delivery' });
  const query = useQuery(deliveryQuery(delivery));
  const endpoint = useQuery(endpointQuery(id));
  useCrumb(id, endpoint.data?.url);
  useCrumb(delivery, query.data?.type);
  if (query.error && !query.data) return <><PageHead title="Delivery" /><ProblemAlert error={query.error} onRetry={() => void query.refetch()} /></>;
  if (!query.data) return <PageLoading />;
  return <Shown delivery={query.data} url={endpoint.data?.url} />;
}

function Shown({ delivery, url }: { delivery: DeliveryWithAttempts; url: string | undefined }) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const { id, endpoint_id, event_id, type, status, attempts } = delivery;
  const again = useMutation({
    mutationFn: () => redeliver(id),
    onSuccess: (made) => {
      tell('The event is on its way again.');
      void cache.invalidateQueries({ queryKey: deliveriesKey(endpoint_id) });
      void navigate({ to: '/settings/events/$id/$delivery', params: { id: endpoint_id, delivery: made.id } });
    },
    onError: tellProblem,
  });
  return (
    <>
      <PageHead title={<span className="dh-mono" style={{ fontSize: 'inherit' }}>{type}</span>} state={<StatusBadge status={status} />}>
        <Button leftSection={<IconRepeat size={15} />} onClick={() => again.mutate()} loading={again.isPending}>Send again</Button>
      </PageHead>
      <Stack gap="lg">
        <div className={classes.status} data-tone={TONES[status]} role="status">
          <Text className={classes.sentence} fw={600}>{deliverySentence(delivery, Date.now())}</Text>
        </div>
        <Section title="Requests" about={attempts.length > 1 ? 'Every attempt carries the same webhook-id, so that your endpoint can tell a repetition.' : undefined}>
          <Stack>
            {attempts.length === 0 ? <Text c="dimmed">No request has been made yet.</Text> : null}
            {attempts.slice(0, -1).map((attempt) => (
              <details key={attempt.id}>
                <summary>Attempt {attempt.number}: {attempt.failure?.message ?? `status ${attempt.response?.status ?? 'unknown'}`}</summary>
                <AttemptView attempt={attempt} mending={mendDelivery} />
              </details>
            ))}
            {attempts.slice(-1).map((attempt) => <AttemptView key={attempt.id} attempt={attempt} mending={mendDelivery} />)}
          </Stack>
        </Section>
        <Section title="Facts">
          <dl className={classes.facts}>
            <dt>Endpoint</dt>
            <dd><Anchor renderRoot={(props) => <Link to="/settings/events/$id" params={{ id: endpoint_id }} {...props} />}>{url ?? endpoint_id}</Anchor></dd>
            <dt>Event</dt><dd className="dh-mono">{event_id}</dd>
            <dt>Delivery</dt><dd className="dh-mono">{id}</dd>
            <dt>Made</dt><dd><RelativeTime at={delivery.created_at} /></dd>
            <dt>Finished</dt><dd><RelativeTime at={delivery.finished_at} never="not yet" /></dd>
            {delivery.next_attempt_at ? <><dt>Next attempt</dt><dd><RelativeTime at={delivery.next_attempt_at} /></dd></> : null}
          </dl>
        </Section>
      </Stack>
    </>
  );
}
