import { Select, TagsInput, TextInput } from '@mantine/core';
import classes from '../actions.module.css';
import { ATTRIBUTES, CONTACT_FIELDS, FORMATS, patternProblem } from '../model/rules';
import {
  choicesOf, constFrom, constOf, sourceOf, takesChoices, textOf, typeOf, withChoices, withKeyword, withSource, type Row,
} from '../model/rows';

type Props = { row: Row; onChange: (row: Row) => void };

/** Where a value comes from and what it has to look like. */
export function ParameterRules({ row, onChange }: Props) {
  const source = sourceOf(row);
  const ofCustomer = source === 'customer';
  return (
    <div className={classes.rules}>
      <SourceField row={row} onChange={onChange} />
      {source === 'const' ? <ConstField row={row} onChange={onChange} /> : null}
      {ofCustomer && takesChoices(row) ? <ChoicesField row={row} onChange={onChange} /> : null}
      {ofCustomer && typeOf(row) === 'string' ? <TextRules row={row} onChange={onChange} /> : null}
      {ofCustomer ? (
        <Select
          label="Evidence"
          description="Whether the customer must have said the value"
          data={[
            { value: '', label: 'Numbers, ids and dates must have been said' },
            { value: 'verbatim', label: 'Every word must have been said' },
            { value: 'free', label: 'None: the agent may write it' },
          ]}
          value={textOf(row, 'x-grounding')}
          allowDeselect={false}
          onChange={(value) => onChange(withKeyword(row, 'x-grounding', value || undefined))}
        />
      ) : null}
    </div>
  );
}

function SourceField({ row, onChange }: Props) {
  const source = sourceOf(row);
  const attribute = source.startsWith(ATTRIBUTES) || (source !== 'const' && source !== 'customer' && !CONTACT_FIELDS.some((field) => field === source));
  return (
    <>
      <Select
        label="Comes from"
        description={source === 'customer' ? 'The agent asks for it' : 'Filled in by the server; the agent never sees it'}
        data={[
          { value: 'customer', label: 'The customer' },
          ...CONTACT_FIELDS.map((field) => ({ value: field, label: `The contact's ${field.slice('contact.'.length)}` })),
          { value: ATTRIBUTES, label: "One of the contact's attributes" },
          { value: 'const', label: 'A fixed value of yours' },
        ]}
        value={attribute ? ATTRIBUTES : source}
        allowDeselect={false}
        onChange={(value) => value && onChange(withSource(row, value))}
      />
      {attribute ? (
        <TextInput
          label="Attribute"
          description="Its key, as your site sends it"
          placeholder="customer_number"
          value={source.startsWith(ATTRIBUTES) ? source.slice(ATTRIBUTES.length) : source}
          error={source === ATTRIBUTES ? 'Give the key of the attribute.' : undefined}
          onChange={(event) => onChange(withKeyword(row, 'x-source', ATTRIBUTES + event.currentTarget.value))}
        />
      ) : null}
    </>
  );
}

function ConstField({ row, onChange }: Props) {
  const value = constOf(row);
  if (value !== undefined && value !== null && typeof value === 'object') return null;
  if (typeOf(row) === 'boolean') {
    return (
      <Select
        label="Fixed value"
        data={['true', 'false']}
        value={value === true ? 'true' : 'false'}
        allowDeselect={false}
        onChange={(text) => onChange(withKeyword(row, 'const', text === 'true'))}
      />
    );
  }
  return (
    <TextInput
      label="Fixed value"
      description="No secret: whoever may see the action sees it"
      value={typeof value === 'string' ? value : JSON.stringify(value ?? '')}
      onChange={(event) => onChange(withKeyword(row, 'const', constFrom(row, event.currentTarget.value)))}
    />
  );
}

function ChoicesField({ row, onChange }: Props) {
  const choices = choicesOf(row);
  if (choices === 'elsewhere') return null;
  return (
    <TagsInput
      className={classes.wide}
      label="Choices"
      description="Only these values are allowed; press Enter after each"
      value={choices.texts}
      splitChars={typeOf(row) === 'string' ? [] : [',', ' ']}
      onChange={(texts) => onChange(withChoices(row, texts))}
    />
  );
}

function TextRules({ row, onChange }: Props) {
  const format = textOf(row, 'format');
  const pattern = textOf(row, 'pattern');
  const known: string[] = [...FORMATS];
  return (
    <>
      <Select
        label="Format"
        description="What kind of text it is"
        placeholder="any text"
        data={format === '' || known.includes(format) ? known : [...known, format]}
        value={format || null}
        clearable
        onChange={(value) => onChange(withKeyword(row, 'format', value || undefined))}
      />
      <TextInput
        label="Pattern"
        description="A regular expression it must match"
        placeholder="^ORD-[0-9]{5}$"
        classNames={{ input: classes.mono }}
        value={pattern}
        error={patternProblem(pattern)}
        onChange={(event) => onChange(withKeyword(row, 'pattern', event.currentTarget.value || undefined))}
        autoComplete="off"
        spellCheck={false}
      />
    </>
  );
}
