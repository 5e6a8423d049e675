import { ActionIcon, Anchor, Button, Group, Skeleton, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, body } from '../api/client';
import { workspaceQuery } from '../api/queries';
import { ProblemAlert } from '../parts/problem-alert';
import { Section } from '../parts/section';
import { readOrigin } from './origins';
import classes from './settings.module.css';

/** The web sites that may show the widget. */
export function WidgetSettings() {
  const workspace = useQuery(workspaceQuery);
  if (workspace.error) return <ProblemAlert error={workspace.error} onRetry={() => void workspace.refetch()} />;
  if (!workspace.data) return <Skeleton height={180} />;
  return <Origins origins={workspace.data.widget_origins ?? []} />;
}

function Origins({ origins }: { origins: string[] }) {
  const cache = useQueryClient();
  const [typed, setTyped] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const save = useMutation({
    mutationFn: (widget_origins: string[]) => body(api.PATCH('/v1/workspace', { body: { widget_origins } })),
    onSuccess: (saved) => cache.setQueryData(workspaceQuery.queryKey, saved),
  });
  const add = () => {
    const read = readOrigin(typed);
    if ('fault' in read) return setFault(read.fault);
    if (origins.includes(read.origin)) return setFault(`${read.origin} is allowed already.`);
    setFault(null);
    return save.mutate([...origins, read.origin], { onSuccess: () => setTyped('') });
  };
  return (
    <Section
      title="Sites that may show the widget"
      about={<>The widget opens only on pages of these origins; elsewhere it is refused. Looks and greeting are set with each <Anchor component={Link} to="/agents">agent</Anchor>.</>}
    >
      <Stack>
        <div>
          {origins.map((origin) => (
            <div key={origin} className={classes.row}>
              <span className={`dh-mono ${classes.what}`}>{origin}</span>
              <Tooltip label="Take off the list">
                <ActionIcon variant="subtle" color="gray" aria-label={`Take ${origin} off the list`} disabled={save.isPending} onClick={() => save.mutate(origins.filter((one) => one !== origin))}>
                  <IconX size={16} />
                </ActionIcon>
              </Tooltip>
            </div>
          ))}
          {origins.length === 0 ? <Text size="sm" c="dimmed">None yet: the widget opens nowhere.</Text> : null}
        </div>
        <form onSubmit={(event) => { event.preventDefault(); add(); }} noValidate>
          <Group align="flex-end" gap="xs">
            <TextInput
              label="Add a site"
              placeholder="https://shop.example"
              value={typed}
              error={fault}
              spellCheck={false}
              w={340}
              maw="100%"
              inputWrapperOrder={['label', 'input', 'error']}
              onChange={(event) => { setTyped(event.currentTarget.value); setFault(null); }}
            />
            <Button type="submit" loading={save.isPending} style={{ alignSelf: fault ? 'center' : 'flex-end' }}>Add</Button>
          </Group>
        </form>
        <ProblemAlert error={save.error} />
      </Stack>
    </Section>
  );
}
