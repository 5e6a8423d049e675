import { Button, Group, Modal, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import type { CreatedEndpoint } from '../api/types';
import { ProblemAlert } from '../parts/problem-alert';
import { refusedIn } from '../parts/refused';
import { changesOf, EMPTY, EndpointFields, validate, type EndpointValues } from './fields';
import { makeEndpoint } from './queries';

type Props = { opened: boolean; onClose: () => void; onMade: (endpoint: CreatedEndpoint) => void };

/** Asks where events are to go, and makes the endpoint. */
export function NewEndpoint({ opened, onClose, onMade }: Props) {
  const form = useForm<EndpointValues>({ initialValues: EMPTY, validate });
  const create = useMutation({
    mutationFn: (values: EndpointValues) => makeEndpoint(changesOf(values)),
    onSuccess: (endpoint) => {
      form.reset();
      onMade(endpoint);
    },
    onError: refusedIn(form),
  });
  return (
    <Modal opened={opened} onClose={onClose} title="New event endpoint" size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={form.onSubmit((values) => create.mutate(values))} noValidate>
        <Stack>
          <EndpointFields form={form} />
          <ProblemAlert error={create.error} shownFields={Object.keys(form.errors)} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={create.isPending}>Create endpoint</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
