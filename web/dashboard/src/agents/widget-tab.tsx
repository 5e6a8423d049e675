import { Alert, Anchor, ColorInput, Group, Radio, Skeleton, Stack, Switch, Text, TextInput, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconInfoCircle, IconMessage2 } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, body } from '../api/client';
import { workspaceQuery } from '../api/queries';
import type { Agent, WidgetSettings } from '../api/types';
import { CodeBlock } from '../parts/code-block';
import { ProblemAlert } from '../parts/problem-alert';
import { refusedIn } from '../parts/refused';
import { SaveBar } from '../parts/save-bar';
import { Section } from '../parts/section';
import { tell } from '../parts/tell';
import { UnsavedGuard } from '../parts/unsaved-guard';
import classes from './agents.module.css';
import { contrast, parseColor } from './contrast';

const ENOUGH = 4.5;

/** How the agent looks on a web page, and the line that puts it there. */
export function WidgetTab({ agent }: { agent: Agent }) {
  const widget = useQuery({
    queryKey: ['agents', agent.id, 'widget'],
    queryFn: () => body(api.GET('/v1/agents/{id}/widget', { params: { path: { id: agent.id } } })),
  });
  if (widget.data) return <WidgetForm agent={agent} widget={widget.data} />;
  if (widget.error) return <ProblemAlert error={widget.error} onRetry={() => void widget.refetch()} />;
  return <Skeleton height={300} />;
}

type Values = Omit<WidgetSettings, 'title'> & { title: string };

function WidgetForm({ agent, widget }: { agent: Agent; widget: WidgetSettings }) {
  const cache = useQueryClient();
  const form = useForm<Values>({
    initialValues: { ...widget, title: widget.title ?? '' },
    validate: {
      color: (value) => (parseColor(value) ? null : 'Enter a colour like #1f6feb.'),
      text_color: (value) => (parseColor(value) ? null : 'Enter a colour like #ffffff.'),
    },
  });
  const save = useMutation({
    mutationFn: (values: Values) =>
      body(api.PUT('/v1/agents/{id}/widget', {
        params: { path: { id: agent.id } },
        body: { ...values, title: values.title.trim() || null },
      })),
    onSuccess: (saved) => {
      cache.setQueryData(['agents', agent.id, 'widget'], saved);
      const values = { ...saved, title: saved.title ?? '' };
      form.setInitialValues(values);
      form.setValues(values);
      tell('Saved.');
    },
    onError: refusedIn(form),
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate className={classes.columns}>
      <UnsavedGuard dirty={form.isDirty()} />
      <Stack gap="lg">
        <Section title="Widget" about="A chat button in the corner of your web pages.">
          <Stack>
            <Switch label="Customers can chat with this agent on your pages" {...form.getInputProps('enabled', { type: 'checkbox' })} />
            <TextInput label="Title" description="In the panel's head. Empty: the agent's name." placeholder={agent.name} maxLength={80} {...form.getInputProps('title')} />
            <Textarea label="Greeting" description="The first thing a visitor reads." autosize minRows={2} maxLength={500} {...form.getInputProps('greeting')} />
            <Group grow align="flex-start" preventGrowOverflow={false}>
              <ColorInput label="Colour" format="hex" withEyeDropper={false} {...form.getInputProps('color')} />
              <ColorInput label="Text on it" format="hex" withEyeDropper={false} {...form.getInputProps('text_color')} />
            </Group>
            {form.errors.text_color ? null : <Contrast ratio={contrast(form.values.color, form.values.text_color)} />}
            <Radio.Group label="Position" {...form.getInputProps('position')}>
              <Group mt={6}><Radio value="right" label="Bottom right" /><Radio value="left" label="Bottom left" /></Group>
            </Radio.Group>
          </Stack>
        </Section>
        <ProblemAlert error={save.error} shownFields={Object.keys(form.errors)} />
        <SaveBar dirty={form.isDirty()} saving={save.isPending} onDiscard={() => { form.reset(); save.reset(); }} />
        <Install agent={agent} enabled={widget.enabled} />
      </Stack>
      <Preview agent={agent} values={form.values} />
    </form>
  );
}

function Contrast({ ratio }: { ratio: number | null }) {
  const faint = ratio !== null && ratio < ENOUGH;
  const said = ratio === null
    ? 'Two colours are needed.'
    : faint
      ? `Contrast ${ratio.toFixed(1)} : 1 is too faint to read: it needs ${ENOUGH} : 1. Take a darker colour or another text colour.`
      : `Contrast ${ratio.toFixed(1)} : 1: readable.`;
  return <Text size="sm" c={faint ? 'var(--mantine-color-error)' : 'dimmed'} role="status">{said}</Text>;
}

function Install({ agent, enabled }: { agent: Agent; enabled: boolean }) {
  const workspace = useQuery(workspaceQuery);
  const snippet = `<script src="${window.location.origin}/widget.js" data-agent="${agent.id}" async></script>`;
  const origins = workspace.data?.widget_origins ?? [];
  return (
    <Section title="Put it on your pages" about="Paste this line before </body> on every page that should have the button.">
      <Stack>
        <CodeBlock code={snippet} wrap copyLabel="Copy the line" />
        {enabled ? null : <Hint>The widget is off: switch it on above and save, or the line shows nothing.</Hint>}
        {workspace.data && origins.length === 0 ? (
          <Hint>No web site may show it yet. <Anchor component={Link} to="/settings/widget">Allow your site's origin</Anchor>, like https://shop.example.</Hint>
        ) : null}
        {origins.length > 0 ? (
          <Text size="sm" c="dimmed">Allowed on {origins.join(', ')}. <Anchor component={Link} to="/settings/widget">Change</Anchor></Text>
        ) : null}
      </Stack>
    </Section>
  );
}

function Hint({ children }: { children: React.ReactNode }) {
  return <Alert variant="default" icon={<IconInfoCircle size={18} />}>{children}</Alert>;
}

function Preview({ agent, values }: { agent: Agent; values: Values }) {
  const skin = { background: parseColor(values.color) ? values.color : '#1f6feb', color: parseColor(values.text_color) ? values.text_color : '#ffffff' };
  const side = values.position === 'left' ? { left: 16 } : { right: 16 };
  return (
    <div>
      <Text size="sm" fw={500} mb={6}>Preview</Text>
      <div className={classes.stage} role="img" aria-label={`The widget with the title “${values.title || agent.name}” and the greeting “${values.greeting}”`}>
        <div className={classes.panel} style={side}>
          <div className={classes.panelHead} style={skin}>{values.title || agent.name}</div>
          <div className={classes.panelBody}>
            {values.greeting ? <div className={classes.said}>{values.greeting}</div> : null}
            <div className={classes.saidByCustomer} style={skin}>Where's my order?</div>
            <div className={classes.said}>Could you give me the order number?</div>
          </div>
          <div className={classes.panelInput}>Write a message …</div>
        </div>
        <div className={classes.knob} style={{ ...side, ...skin }}><IconMessage2 size={24} stroke={1.6} /></div>
      </div>
    </div>
  );
}
