import { Group, Loader, Stack, TagsInput, Text, TextInput, Textarea } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from '../actions.module.css';
import { append } from '../model/places';
import { displayNameFor, nameFrom } from '../model/names';
import { verdict } from '../model/url-verdict';
import { Notes, useField } from './notes';
import { Panel } from './panel';
import { useEditor } from './state';

const DESCRIPTION_MAX = 1024;

/** What the action is called, what it does and when, and where its calls go. */
export function Define({ footer }: { footer?: ReactNode }) {
  const { action, draft, edit } = useEditor();
  const name = useField('name');
  const display = useField('display_name');
  const rename = (text: string) => {
    const next = nameFrom(text);
    // Until it has words of its own, the display name follows the name.
    const follows = !action && draft.display_name === displayNameFor(draft.name);
    edit(follows ? { name: next, display_name: displayNameFor(next) } : { name: next });
  };
  return (
    <Panel
      section="define"
      number={1}
      title="Define"
      why="The agent chooses by the description alone: say what it does, and when to use it."
      footer={footer}
    >
      <Stack gap="md">
        <div className={classes.pair}>
          <div>
            <TextInput
              label="Name"
              description="How the agent and your endpoint call it"
              placeholder="check_order_status"
              classNames={{ input: classes.mono }}
              value={draft.name}
              error={name.error}
              onChange={(event) => rename(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
              maxLength={64}
              data-autofocus
            />
            <Notes notes={name.notes} />
          </div>
          <div>
            <TextInput
              label="Display name"
              description="What a customer may read while it runs"
              placeholder="Check order status"
              value={draft.display_name}
              error={display.error}
              onChange={(event) => edit({ display_name: event.currentTarget.value })}
              autoComplete="off"
            />
            <Notes notes={display.notes} />
          </div>
        </div>
        <Description />
        <WebhookUrl />
        <Examples />
      </Stack>
    </Panel>
  );
}

function Description() {
  const { draft, edit } = useEditor();
  const { error, notes } = useField('description');
  return (
    <div>
      <Textarea
        label="Description"
        description="What it does, when to use it, what it needs"
        placeholder="Check the status of a customer's order. Use when the customer asks where their order is. Requires the order number."
        autosize
        minRows={3}
        maxRows={10}
        value={draft.description}
        error={error}
        onChange={(event) => edit({ description: event.currentTarget.value })}
      />
      <Text size="xs" c={draft.description.length > DESCRIPTION_MAX ? 'red' : 'dimmed'} ta="right" className="dh-number">
        {draft.description.length.toLocaleString()} of {DESCRIPTION_MAX.toLocaleString()}
      </Text>
      <Notes
        notes={notes}
        onInsert={(insert) => {
          if (insert.field !== 'description') return;
          edit({ description: insert.how === 'append' ? append(draft.description, insert.text) : insert.text });
        }}
      />
    </div>
  );
}

function WebhookUrl() {
  const { draft, edit, notes, checked } = useEditor();
  const field = useField('webhook_url');
  const judged = verdict(draft.webhook_url, notes, checked);
  return (
    <div>
      <TextInput
        label="Webhook URL"
        description="Your HTTPS endpoint; every call is a signed POST to it"
        placeholder="https://api.example.com/deskhand/orders"
        classNames={{ input: classes.mono }}
        type="url"
        value={draft.webhook_url}
        error={judged.state === 'checking' ? undefined : field.error}
        onChange={(event) => edit({ webhook_url: event.currentTarget.value.trim() })}
        autoComplete="off"
        spellCheck={false}
        maxLength={2048}
      />
      <div aria-live="polite">
        {judged.state === 'fine' ? (
          <Group gap={6} mt={6} wrap="nowrap" className={classes.fine}><IconCheck size={16} aria-hidden />{judged.text}</Group>
        ) : null}
        {judged.state === 'checking' ? (
          <Group gap={6} mt={6} c="dimmed" fz="sm"><Loader size={14} aria-hidden />Checking the URL</Group>
        ) : null}
      </div>
      {judged.state === 'checking' ? null : <Notes notes={field.notes} />}
    </div>
  );
}

function Examples() {
  const { draft, edit } = useEditor();
  const { error, notes } = useField('examples');
  return (
    <div>
      <TagsInput
        label="A customer might say"
        description="Optional. Sentences that should lead to this action; press Enter after each"
        placeholder={draft.examples.length === 0 ? "Where's my order?" : ''}
        value={draft.examples}
        error={error}
        splitChars={[]}
        maxTags={20}
        onChange={(examples) => edit({ examples })}
      />
      <Notes notes={notes} />
    </div>
  );
}
