import { Anchor, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { InvocationWithAttempts } from '../../api/types';
import { AttemptView } from '../../invocations/attempt';
import { CodeBlock } from '../../parts/code-block';
import { StatusBadge } from '../../parts/status-badge';
import { Duration } from '../../parts/time';
import classes from '../actions.module.css';
import { outcome } from '../model/outcome';

/** What came of a test call: the verdict first, then every request as it left. */
export function TestResult({ invocation }: { invocation: InvocationWithAttempts }) {
  const { says, agent } = outcome(invocation);
  return (
    <Stack gap="md">
      <div>
        <Group gap="sm">
          <StatusBadge status={invocation.status} />
          <Duration ms={invocation.duration_ms} />
          <Anchor component={Link} to={`/invocations/${invocation.id}`} size="sm">Open the invocation</Anchor>
        </Group>
        <Text mt={8}>{says}</Text>
        {agent ? <Text size="sm" c="dimmed" mt={2}>{agent}</Text> : null}
        {invocation.warnings.map((warning) => (
          <p key={warning} className={classes.caution}>{WARNINGS[warning] ?? `The call carries the warning ${warning}.`}</p>
        ))}
      </div>
      {invocation.result !== null && invocation.result !== undefined ? (
        <CodeBlock code={JSON.stringify(invocation.result, null, 2)} title="The result" copyLabel="Copy the result" height="240px" />
      ) : null}
      {invocation.attempts.map((attempt) => (
        <AttemptView key={attempt.id} attempt={attempt} />
      ))}
    </Stack>
  );
}

const WARNINGS: Record<string, string> = {
  no_success_field: 'The answer has no “success” field, so the whole object was taken for the result. Answer {"success": true, "result": {…}}.',
};
