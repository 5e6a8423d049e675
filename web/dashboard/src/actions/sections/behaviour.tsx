import { Anchor, NumberInput, Select, Stack, Switch } from '@mantine/core';
import classes from '../actions.module.css';
import { Notes, useField } from './notes';
import { useEditor } from './state';

// The server's own description of its API: always there, and of the same version.
const GUIDE = '/docs#report';

/** How long a call may take, what it does, and who may make it. */
export function Behaviour() {
  const { draft, edit } = useEditor();
  const timeout = useField('timeout_seconds');
  const effect = useField('effect');
  const idempotent = useField('idempotent');
  const confirmation = useField('confirmation');
  const verified = useField('requires_verified_contact');
  const long = useField('long_running');
  return (
    <Stack gap="md">
      <div className={classes.pair}>
        <div>
          <Select
            label="Effect"
            description="Decides what an uncertain outcome is called"
            data={[
              { value: 'read', label: 'Read: it only looks things up' },
              { value: 'write', label: 'Write: it changes something' },
            ]}
            value={draft.effect}
            error={effect.error}
            allowDeselect={false}
            onChange={(value) => (value === 'read' || value === 'write') && edit({ effect: value })}
          />
          <Notes notes={effect.notes} onInsert={(insert) => insert.field === 'effect' && edit({ effect: insert.text })} />
        </div>
        <div>
          <NumberInput
            label="Timeout"
            description="For the whole call; the customer waits too"
            suffix=" s"
            min={1}
            max={120}
            allowDecimal={false}
            value={draft.timeout_seconds}
            error={timeout.error}
            onChange={(value) => edit({ timeout_seconds: value })}
          />
          <Notes notes={timeout.notes} />
        </div>
      </div>
      {draft.effect === 'write' ? (
        <div>
          <Switch
            label="The endpoint honours the idempotency key"
            description="It handles the same key twice without doing the work twice, so a call that broke off may be sent again. Without it, a change is sent at most once."
            checked={draft.idempotent}
            error={idempotent.error}
            onChange={(event) => edit({ idempotent: event.currentTarget.checked })}
          />
          <Notes notes={idempotent.notes} />
        </div>
      ) : null}
      <div>
        <Select
          label="Confirmation"
          description="Whether the customer must agree to the exact parameters first"
          data={[
            { value: 'never', label: 'Never' },
            { value: 'always', label: 'Always' },
          ]}
          value={draft.confirmation}
          error={confirmation.error}
          allowDeselect={false}
          onChange={(value) => (value === 'never' || value === 'always') && edit({ confirmation: value })}
        />
        {draft.confirmation === 'always' ? (
          <p className={classes.caution}>
            Not yet available: this version cannot ask for the customer's yes. Until it can, a call from a conversation is
            refused as <code>confirmation_unavailable</code>; test calls still run.
          </p>
        ) : null}
        <Notes notes={confirmation.notes} />
      </div>
      <div>
        <Switch
          label="Only for verified contacts"
          description="Refuse to run for a customer whose identity your site has not proven"
          checked={draft.requires_verified_contact}
          error={verified.error}
          onChange={(event) => edit({ requires_verified_contact: event.currentTarget.checked })}
        />
        <Notes notes={verified.notes} />
      </div>
      <div>
        <Switch
          label="Long-running"
          description="For work that outlasts the timeout: your endpoint answers 202 at once and reports the outcome later. Each call carries a deskhand-callback-url for that, good for 24 hours; the customer is told when the report comes."
          checked={draft.long_running}
          error={long.error}
          onChange={(event) => edit({ long_running: event.currentTarget.checked })}
        />
        {draft.long_running ? (
          <p className={classes.caution} data-quiet>
            Post <code>{'{"success": true, "result": {…}}'}</code> or <code>{'{"success": false, "error": "…"}'}</code> to that URL, once, and{' '}
            <code>{'{"progress": "…"}'}</code> as often as you like before.{' '}
            <Anchor size="sm" href={GUIDE} target="_blank" rel="noreferrer">How to report on long work</Anchor>
          </p>
        ) : null}
        <Notes notes={long.notes} />
      </div>
    </Stack>
  );
}
