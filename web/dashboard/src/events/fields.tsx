import { Checkbox, Radio, Stack, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { EventEndpoint, EventType } from '../api/types';
import classes from './events.module.css';
import type { EndpointChanges } from './queries';
import { CHOICES } from './words';

/** An endpoint as its form holds it. */
export type EndpointValues = { url: string; description: string; every: 'all' | 'some'; types: EventType[] };

/** A form with nothing in it. */
export const EMPTY: EndpointValues = { url: '', description: '', every: 'all', types: [] };

/** What the form shows of an endpoint. */
export function valuesOf({ url, description, types }: EventEndpoint): EndpointValues {
  return { url, description, every: types === null ? 'all' : 'some', types: types ?? [] };
}

/** What is sent to the server for a form. */
export function changesOf({ url, description, every, types }: EndpointValues): EndpointChanges & { url: string } {
  return { url: url.trim(), description: description.trim(), types: every === 'all' ? null : types };
}

/** What keeps a form from being sent. */
export const validate = {
  url: (value: string) => (/^https:\/\/./i.test(value.trim()) ? null : 'Enter an address that begins with https://.'),
  types: (value: EventType[], { every }: EndpointValues) => (every === 'some' && value.length === 0 ? 'Choose at least one event.' : null),
};

/** Where events go, and which. */
export function EndpointFields({ form }: { form: UseFormReturnType<EndpointValues> }) {
  return (
    <Stack>
      <TextInput
        data-autofocus
        label="URL"
        description="Your HTTPS endpoint. Events are posted to it, signed as Standard Webhooks has it."
        placeholder="https://api.example.com/deskhand/events"
        spellCheck={false}
        maxLength={2048}
        {...form.getInputProps('url')}
      />
      <TextInput label="Description" description="What it is for, so that you know later." placeholder="Tickets in the help desk" maxLength={200} {...form.getInputProps('description')} />
      <Radio.Group label="Events" {...form.getInputProps('every')}>
        <Stack gap={6} mt={6}>
          <Radio value="all" label="All events, those of later versions too" />
          <Radio value="some" label="Only some" />
        </Stack>
      </Radio.Group>
      {form.values.every === 'some' ? <Types form={form} /> : null}
    </Stack>
  );
}

function Types({ form }: { form: UseFormReturnType<EndpointValues> }) {
  return (
    <Checkbox.Group aria-label="Which events" {...form.getInputProps('types')}>
      <div className={classes.types}>
        {CHOICES.map(({ group, types }) => (
          <fieldset key={group} className={classes.group}>
            <legend><Text size="sm" fw={600}>{group}</Text></legend>
            {types.map(({ type, about }) => (
              <Checkbox key={type} value={type} label={<span className="dh-mono">{type}</span>} description={about} />
            ))}
          </fieldset>
        ))}
      </div>
    </Checkbox.Group>
  );
}
