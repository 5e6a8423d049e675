import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ContactGiven } from '../trace/follow';

type Props = { opened: boolean; contact: ContactGiven | null; onClose: () => void; onSave: (contact: ContactGiven | null) => void };

const FIELDS: { name: keyof ContactGiven; label: string; placeholder: string }[] = [
  { name: 'id', label: 'Id', placeholder: 'cus_42' },
  { name: 'name', label: 'Name', placeholder: 'Ada Lovelace' },
  { name: 'email', label: 'Email', placeholder: 'ada@example.com' },
  { name: 'phone', label: 'Phone', placeholder: '+44 20 7946 0000' },
  { name: 'timezone', label: 'Time zone', placeholder: 'Europe/London' },
];

/** Who the playground speaks as: what your site would say about its customer. */
export function ContactForm({ opened, contact, onClose, onSave }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Speak as a contact" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Fields contact={contact} onClose={onClose} onSave={onSave} />
    </Modal>
  );
}

function Fields({ contact, onClose, onSave }: Omit<Props, 'opened'>) {
  const form = useForm<Record<keyof ContactGiven, string>>({
    initialValues: {
      id: contact?.id ?? '', name: contact?.name ?? '', email: contact?.email ?? '', phone: contact?.phone ?? '', timezone: contact?.timezone ?? '',
    },
  });
  const save = form.onSubmit((values) => {
    const given = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.trim()]).filter(([, value]) => value !== ''));
    onSave(Object.keys(given).length === 0 ? null : given);
  });
  return (
    <form onSubmit={save}>
      <Stack gap="sm">
        <Text c="dimmed">Actions that fill a parameter from the contact take it from here. A conversation belongs to its contact, so a new one begins.</Text>
        {FIELDS.map(({ name, label, placeholder }) => (
          <TextInput key={name} label={label} placeholder={placeholder} autoComplete="off" {...form.getInputProps(name)} />
        ))}
        <Group justify="flex-end">
          <Button variant="subtle" color="gray" onClick={() => onSave(null)}>Speak as nobody in particular</Button>
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit">Use this contact</Button>
        </Group>
      </Stack>
    </form>
  );
}
