import { Text } from '@mantine/core';
import type { Attempt } from '../api/types';
import { CodeBlock } from '../parts/code-block';
import { Section } from '../parts/section';

/** How the request was signed, with the three headers that carry it. */
export function SignatureNote({ attempts }: { attempts: Attempt[] }) {
  const signed = attempts.at(-1)?.request.headers.filter(({ name }) => name.toLowerCase().startsWith('webhook-')) ?? [];
  if (signed.length === 0) return null;
  return (
    <Section title="Signature">
      <Text size="sm" mb="xs">
        HMAC-SHA256 with the action’s signing secret over <code>{'{webhook-id}.{webhook-timestamp}.{raw body}'}</code>, as
        Standard Webhooks has it. Any of its libraries verifies it unchanged. Two signatures side by side mean that the secret is being rotated.
      </Text>
      <CodeBlock code={signed.map(({ name, value }) => `${name}: ${value}`).join('\n')} title="Headers of the last attempt" wrap />
    </Section>
  );
}
