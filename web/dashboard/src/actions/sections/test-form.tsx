import { NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { JsonEditor } from '../../parts/json-editor';
import classes from '../actions.module.css';
import { sentence } from '../model/places';
import { contactPaths, type Form, type FormField, type Typed } from '../model/test-form';

type Props = {
  form: Form;
  typed: Typed;
  problems: Map<string, string>;
  onChange: (name: string, text: string) => void;
  contact: Typed;
  onContact: (path: string, text: string) => void;
};

/** A form made from the parameter schema. What the server fills in is asked for as the contact it is taken from. */
export function TestForm({ form, typed, problems, onChange, contact, onContact }: Props) {
  const paths = contactPaths(form);
  const fixed = form.filled.flatMap(({ name, from }) => ('value' in from ? [`${name} = ${JSON.stringify(from.value)}`] : []));
  return (
    <Stack gap="sm">
      {form.fields.length === 0 && paths.length === 0 ? (
        <Text size="sm" c="dimmed">The action has no parameters to fill in.</Text>
      ) : null}
      <div className={classes.pair}>
        {form.fields.map((field) => (
          <div key={field.name} className={field.asked.kind === 'json' ? classes.wide : undefined}>
            <Field
              field={field}
              value={Object.hasOwn(typed, field.name) ? (typed[field.name] ?? '') : ''}
              problem={problems.get(field.name)}
              onChange={(text) => onChange(field.name, text)}
            />
          </div>
        ))}
        {paths.map((path) => (
          <TextInput
            key={path}
            label={`The contact's ${path.slice('contact.'.length).replace('attributes.', '')}`}
            description={`Fills ${form.filled.filter(({ from }) => 'contact' in from && from.contact === path).map(({ name }) => name).join(', ')}`}
            value={contact[path] ?? ''}
            onChange={(event) => onContact(path, event.currentTarget.value)}
            autoComplete="off"
          />
        ))}
      </div>
      {fixed.length > 0 ? <Text size="sm" c="dimmed">Fixed by the action: {fixed.join(', ')}</Text> : null}
    </Stack>
  );
}

type FieldProps = { field: FormField; value: string; problem: string | undefined; onChange: (text: string) => void };

function Field({ field, value, problem, onChange }: FieldProps) {
  const { asked } = field;
  const common = {
    label: field.name,
    description: field.description || undefined,
    error: problem === undefined ? undefined : sentence(problem),
    withAsterisk: field.required,
  };
  switch (asked.kind) {
    case 'number':
      return (
        <NumberInput
          {...common}
          value={value}
          placeholder={field.example}
          allowDecimal={!asked.whole}
          onChange={(next) => onChange(String(next))}
        />
      );
    case 'boolean':
      return (
        <Select
          {...common}
          placeholder="not given"
          clearable
          data={[{ value: 'true', label: 'Yes (true)' }, { value: 'false', label: 'No (false)' }]}
          value={value === '' ? null : value}
          onChange={(next) => onChange(next ?? '')}
        />
      );
    case 'choice':
      return (
        <Select
          {...common}
          placeholder="not given"
          clearable
          data={asked.options.map((option, at) => ({
            value: String(at),
            label: typeof option === 'string' ? option : JSON.stringify(option),
          }))}
          value={value === '' ? null : value}
          onChange={(next) => onChange(next ?? '')}
        />
      );
    case 'json':
      return <JsonEditor {...common} label={field.name} description={field.description || 'JSON'} value={value} onChange={onChange} minHeight={64} />;
    case 'text':
      return (
        <TextInput
          {...common}
          type={asked.input === 'date' ? 'date' : 'text'}
          inputMode={asked.input === 'email' || asked.input === 'url' || asked.input === 'tel' ? asked.input : undefined}
          placeholder={field.example || field.pattern}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          autoComplete="off"
        />
      );
  }
}
