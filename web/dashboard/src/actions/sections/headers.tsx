import { ActionIcon, Button, Group, Input, PasswordInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconLock, IconPlus, IconTrash } from '@tabler/icons-react';
import classes from '../actions.module.css';
import { newHeader, type HeaderDraft } from '../model/draft';
import { notesFor, sentence } from '../model/places';
import { Notes } from './notes';
import { useEditor } from './state';

const MOST = 20;

/** Headers of the owner's own: values that are shown, and secrets that go in and never come out. */
export function Headers() {
  const { draft, edit, notes } = useEditor();
  const set = (headers: HeaderDraft[]) => edit({ headers });
  const whole = notes.filter((note) => note.field === 'headers');
  return (
    <div className={classes.block}>
      <Input.Label component="div">Headers</Input.Label>
      <Input.Description>
        Sent with every call. A secret is stored encrypted and never shown again, not even to you.
      </Input.Description>
      <Stack gap="sm" mt="xs">
        {draft.headers.map((header, at) => (
          <HeaderRow
            key={header.key}
            header={header}
            at={at}
            onChange={(next) => set(draft.headers.map((other) => (other.key === header.key ? next : other)))}
            onRemove={() => set(draft.headers.filter((other) => other.key !== header.key))}
          />
        ))}
      </Stack>
      <Notes notes={whole} />
      <Button
        mt="xs"
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} />}
        disabled={draft.headers.length >= MOST}
        onClick={() => set([...draft.headers, newHeader()])}
      >
        Add header
      </Button>
    </div>
  );
}

type RowProps = { header: HeaderDraft; at: number; onChange: (header: HeaderDraft) => void; onRemove: () => void };

function HeaderRow({ header, at, onChange, onRemove }: RowProps) {
  const { notes } = useEditor();
  const about = notesFor(notes, `headers.${at}`);
  const errors = about.filter((note) => note.severity === 'error');
  const label = header.name === '' ? `header ${at + 1}` : header.name;
  return (
    <div>
      <div className={classes.header}>
        <TextInput
          aria-label="Header name"
          placeholder="authorization"
          classNames={{ input: classes.mono }}
          value={header.name}
          error={errors.length > 0}
          // A stored secret belongs to its name.
          readOnly={header.stored && !header.replace}
          onChange={(event) => onChange({ ...header, name: event.currentTarget.value.trim() })}
          autoComplete="off"
          spellCheck={false}
        />
        <Select
          aria-label={`Kind of ${label}`}
          data={[{ value: 'value', label: 'Value' }, { value: 'secret', label: 'Secret' }]}
          value={header.kind}
          allowDeselect={false}
          onChange={(kind) => {
            if (kind === 'value') onChange({ ...header, kind, stored: false, replace: false });
            if (kind === 'secret') onChange({ ...header, kind });
          }}
        />
        <div className={classes.headerText}><HeaderText header={header} label={label} onChange={onChange} /></div>
        <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${label}`} onClick={onRemove}><IconTrash size={16} /></ActionIcon>
      </div>
      {errors.map((note) => <Input.Error key={note.message} mt={4}>{sentence(note.message)} {note.suggestion}</Input.Error>)}
      <Notes notes={about.filter((note) => note.severity !== 'error')} />
    </div>
  );
}

function HeaderText({ header, label, onChange }: { header: HeaderDraft; label: string; onChange: (header: HeaderDraft) => void }) {
  if (header.kind === 'value') {
    return (
      <TextInput
        aria-label={`Value of ${label}`}
        placeholder="value"
        value={header.text}
        onChange={(event) => onChange({ ...header, text: event.currentTarget.value })}
        autoComplete="off"
      />
    );
  }
  if (header.stored && !header.replace) {
    return (
      <Group gap="xs" wrap="nowrap">
        <IconLock size={16} aria-hidden />
        <Text size="sm" c="dimmed">Secret stored</Text>
        <Button size="compact-xs" variant="default" onClick={() => onChange({ ...header, replace: true, text: '' })}>Replace</Button>
      </Group>
    );
  }
  return (
    <Group gap="xs" wrap="nowrap">
      <PasswordInput
        style={{ flex: 1 }}
        aria-label={`Secret of ${label}`}
        placeholder={header.stored ? 'new secret' : 'Bearer …'}
        value={header.text}
        onChange={(event) => onChange({ ...header, text: event.currentTarget.value })}
        autoComplete="new-password"
      />
      {header.stored ? (
        <Button size="compact-xs" variant="default" onClick={() => onChange({ ...header, replace: false, text: '' })}>Keep the old</Button>
      ) : null}
    </Group>
  );
}
