import { Autocomplete, Button, Group, Loader, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleX, IconPlugConnected } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api, body } from '../api/client';
import type { ModelTest } from '../api/types';
import { ProblemAlert } from '../parts/problem-alert';
import { duration } from '../parts/time';
import classes from './agents.module.css';

type Props = {
  /** Its name in the form. */
  path: string;
  label: string;
  description: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
  error?: React.ReactNode;
  /** What an empty field means when it is tested; nothing: there is nothing to test. */
  emptyMeansDefault?: boolean;
};

/** A model's name, `<provider>::<model>`, with a button that asks the model to say something. */
export function ModelField({ path, label, description, placeholder, value, onChange, error, emptyMeansDefault = false }: Props) {
  const models = useQuery({ queryKey: ['models'], queryFn: () => body(api.GET('/v1/models')), staleTime: 5 * 60_000 });
  const test = useMutation({
    mutationFn: () => body(api.POST('/v1/models/test', { body: { model: value.trim() || null } })),
  });
  const known = ['builtin', ...(models.data?.providers ?? []).filter((name) => name !== 'builtin').map((name) => `${name}::`)];
  const hint = emptyMeansDefault && models.data ? `${models.data.default} (the server's default)` : placeholder;
  const change = (next: string) => {
    test.reset();
    onChange(next);
  };
  return (
    <div>
      <Autocomplete
        label={label}
        description={description}
        placeholder={hint}
        data={known}
        value={value}
        onChange={change}
        error={error}
        data-path={path}
        styles={{ wrapper: { margin: 0 } }}
        spellCheck={false}
        classNames={{ input: 'dh-mono' }}
        inputContainer={(input) => (
          <Group gap="xs" wrap="nowrap" my={4}>
            <div className={classes.grow}>{input}</div>
            <Button
              variant="default"
              aria-label={`Test: ${label.toLowerCase()}`}
              leftSection={test.isPending ? <Loader size={14} /> : <IconPlugConnected size={15} stroke={1.6} />}
              disabled={test.isPending || (!emptyMeansDefault && value.trim() === '')}
              onClick={() => test.mutate()}
            >
              Test
            </Button>
          </Group>
        )}
      />
      {value.trim() === 'builtin' ? (
        <Text size="xs" c="dimmed" mt={4}>
          The built-in model works by matching words. It is for trying Deskhand and as a last resort, not for customers.
        </Text>
      ) : null}
      <div aria-live="polite">
        {test.data ? <Verdict test={test.data} /> : null}
        {test.error ? <div style={{ marginTop: 8 }}><ProblemAlert error={test.error} /></div> : null}
      </div>
    </div>
  );
}

function Verdict({ test }: { test: ModelTest }) {
  if (!test.ok) {
    return (
      <div className={classes.verdict} data-bad>
        <IconCircleX size={16} />
        <div><strong>{test.model} did not answer.</strong> {test.error?.message}</div>
      </div>
    );
  }
  const first = test.first_token_ms !== null && test.first_token_ms !== undefined ? `, first word after ${duration(test.first_token_ms)}` : '';
  return (
    <div className={classes.verdict}>
      <IconCircleCheck size={16} />
      <div><strong>{test.model} answered</strong> in {duration(test.total_ms)}{first}. {test.reply ? <>It said: “{test.reply}”</> : null}</div>
    </div>
  );
}
