import { Stack, Tabs, Text } from '@mantine/core';
import { CodeBlock } from '../../parts/code-block';
import { snippets } from '../model/snippets';

/** Copy-ready receivers that verify a call, in five languages. */
export function VerifySnippets({ url, height = '360px' }: { url: string; height?: string }) {
  const all = snippets(url);
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        Calls are signed as Standard Webhooks are. Give the library the body as it came: one that was parsed and
        written again does not verify. The secret comes from the environment as <code>WEBHOOK_SECRET</code>.
      </Text>
      <Tabs defaultValue="Node" keepMounted={false}>
        <Tabs.List>
          {all.map(({ language }) => <Tabs.Tab key={language} value={language}>{language}</Tabs.Tab>)}
        </Tabs.List>
        {all.map(({ language, install, code }) => (
          <Tabs.Panel key={language} value={language} pt="xs">
            <Stack gap="xs">
              <CodeBlock code={install} title="Install" copyLabel="Copy the command" wrap />
              <CodeBlock code={code} title={`Receive and verify in ${language}`} copyLabel="Copy the code" height={height} />
            </Stack>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Stack>
  );
}
