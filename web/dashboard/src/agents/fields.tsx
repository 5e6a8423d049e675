import { NumberInput, Stack, Switch, TextInput, Textarea } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { Section } from '../parts/section';
import { ModelField } from './model-field';
import type { AgentValues } from './values';

type Form = UseFormReturnType<AgentValues>;

/** Who the agent is. */
export function PersonaFields({ form }: { form: Form }) {
  return (
    <Section title="Persona" about="Customers see the name. The instructions tell the model how to behave.">
      <Stack>
        <TextInput label="Name" placeholder="Shop assistant" maxLength={80} required withAsterisk={false} {...form.getInputProps('name')} />
        <Textarea
          label="Instructions"
          description="Tone, what to help with, what to leave to people. The actions describe themselves: no need to repeat them here."
          placeholder="You help customers of Example Shop with their orders. Be friendly and brief. If you cannot help, give the support address."
          autosize
          minRows={7}
          maxRows={20}
          maxLength={20000}
          {...form.getInputProps('instructions')}
        />
      </Stack>
    </Section>
  );
}

/** What it thinks with, and how much. */
export function ModelFields({ form }: { form: Form }) {
  const model = form.getInputProps('model');
  return (
    <Section title="Model" about="Which language model answers. The server holds the keys of the providers.">
      <Stack>
        <ModelField
          path="model"
          label="Model"
          description="<provider>::<model>, like openai::gpt-4.1 or ollama::llama3.1; empty for the server's default."
          placeholder="the server's default"
          emptyMeansDefault
          value={form.values.model}
          onChange={model.onChange}
          error={model.error}
        />
        <NumberInput
          label="Daily token budget"
          description="Tokens that it may read and write in a day (UTC). When they are used up, customers get the fallback message. Empty: no bound."
          placeholder="no bound"
          min={1}
          allowDecimal={false}
          allowNegative={false}
          thousandSeparator=" "
          styles={{ wrapper: { maxWidth: 260 } }}
          {...form.getInputProps('daily_token_budget')}
          onChange={(value) => form.setFieldValue('daily_token_budget', typeof value === 'number' ? value : '')}
        />
      </Stack>
    </Section>
  );
}

/** What happens when it cannot answer. */
export function FallbackFields({ form }: { form: Form }) {
  const model = form.getInputProps('fallback_model');
  return (
    <Section title="When it cannot help" about="Used when the model does not answer, or an action fails.">
      <Stack>
        <ModelField
          path="fallback_model"
          label="Fallback model"
          description="Tried when the model above does not answer. Empty: none."
          placeholder="none"
          value={form.values.fallback_model}
          onChange={model.onChange}
          error={model.error}
        />
        <Textarea
          label="Fallback message"
          description="What the customer reads when no model answers. Empty: the server's own words."
          placeholder="I'm not able to answer just now. Please try again in a few minutes."
          autosize
          minRows={2}
          maxLength={1000}
          {...form.getInputProps('fallback_message')}
        />
        <TextInput
          label="Fallback contact"
          description="Where else the customer can turn: an address, a phone number, a page."
          placeholder="help@shop.example"
          maxLength={200}
          {...form.getInputProps('fallback_contact')}
        />
        <Switch
          label="Hand over to a person"
          description="It may give a conversation to a person, when a customer asks for one or it cannot help. It then stays silent there: the conversation waits under Conversations until somebody answers, and hands back."
          {...form.getInputProps('handoff', { type: 'checkbox' })}
        />
      </Stack>
    </Section>
  );
}
