import { Group, Stack, Tabs, Text } from '@mantine/core';
import type { Attempt } from '../../api/types';
import { CodeBlock } from '../../parts/code-block';
import { CopyButton } from '../../parts/copy-button';
import { curl } from '../model/curl';
import { parseJson, pretty } from '../model/json';
import classes from '../actions.module.css';
import { TimingBar } from './timing-bar';

/** One attempt: how long it took, what was sent, what came back. */
export function Exchange({ attempt, of }: { attempt: Attempt; of: number }) {
  const { request, response } = attempt;
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="sm">
        <Text size="sm" fw={500}>
          {of > 1 ? `Attempt ${attempt.number} of ${of}: ` : ''}POST {hostOf(request.url)}
          {response ? ` → ${response.status}` : ''}
        </Text>
        <CopyButton text={curl({ method: 'POST', ...request })} label="Copy as cURL" word="Copy cURL" />
      </Group>
      {attempt.failure && of > 1 ? <Text size="sm" c="dimmed">{attempt.failure.code}: {attempt.failure.message}</Text> : null}
      <TimingBar timings={attempt.timings} />
      <div className={classes.exchange}>
        <Side title="Request" url={request.url} headers={request.headers} body={request.body} />
        {response ? (
          <Side title={`Response ${response.status}`} headers={response.headers} body={response.body} cut={response.body_truncated} />
        ) : (
          <Text size="sm" c="dimmed">No response came back.</Text>
        )}
      </div>
    </Stack>
  );
}

type SideProps = { title: string; url?: string; headers: { name: string; value: string }[]; body: string; cut?: boolean };

function Side({ title, url, headers, body, cut = false }: SideProps) {
  const parsed = parseJson(body);
  const shown = parsed.ok ? pretty(parsed.value) : body;
  const head = headers.map(({ name, value }) => `${name}: ${value}`).join('\n');
  return (
    <div>
      <Text size="sm" fw={500} mb={4}>{title}</Text>
      <Tabs defaultValue="body" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="body">Body</Tabs.Tab>
          <Tabs.Tab value="headers">Headers ({headers.length})</Tabs.Tab>
          {parsed.ok && body !== '' ? <Tabs.Tab value="raw">Raw</Tabs.Tab> : null}
        </Tabs.List>
        <Tabs.Panel value="body" pt="xs">
          {body === '' ? <Text size="sm" c="dimmed">The body is empty.</Text> : <CodeBlock code={shown} copyLabel={`Copy the ${title.toLowerCase()} body`} height="280px" />}
          {cut ? <Text size="xs" c="dimmed" mt={4}>Cut for storage.</Text> : null}
        </Tabs.Panel>
        <Tabs.Panel value="headers" pt="xs">
          <CodeBlock code={url ? `POST ${url}\n${head}` : head} copyLabel={`Copy the ${title.toLowerCase()} headers`} height="280px" wrap />
        </Tabs.Panel>
        <Tabs.Panel value="raw" pt="xs">
          <CodeBlock code={body} copyLabel={`Copy the raw ${title.toLowerCase()} body`} height="280px" wrap />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}
