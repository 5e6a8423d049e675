import { ActionIcon, Button, CopyButton as Copying, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

type Props = { text: string; /** What is copied, for who cannot see it: "Copy the address". */ label?: string; /** A word beside the icon. */ word?: string };

/** Puts a text on the clipboard and says so. */
export function CopyButton({ text, label = 'Copy', word }: Props) {
  return (
    <Copying value={text} timeout={1600}>
      {({ copied, copy }) => {
        const icon = copied ? <IconCheck size={15} stroke={1.75} /> : <IconCopy size={15} stroke={1.75} />;
        if (word) {
          return <Button variant="default" size="xs" leftSection={icon} onClick={copy}>{copied ? 'Copied' : word}</Button>;
        }
        return (
          <Tooltip label={copied ? 'Copied' : label}>
            <ActionIcon variant="subtle" color="gray" size="md" onClick={copy} aria-label={copied ? 'Copied' : label}>{icon}</ActionIcon>
          </Tooltip>
        );
      }}
    </Copying>
  );
}
