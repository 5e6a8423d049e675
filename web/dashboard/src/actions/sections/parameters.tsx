import { Alert, Button, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { JsonEditor } from '../../parts/json-editor';
import { parametersOf, schemaIn } from '../model/draft';
import { pretty } from '../model/json';
import { rowOf } from '../model/places';
import { schemaMarks } from '../model/schema-lint';
import { newRow, unshownAtRoot, type Row, type Rows } from '../model/rows';
import { Notes, useField } from './notes';
import { Panel } from './panel';
import { ParameterRow } from './parameter-row';
import { useEditor } from './state';

/** What the agent asks the customer for: as rows, or as the JSON Schema that they stand for. */
export function Parameters({ footer }: { footer?: ReactNode }) {
  const { draft, edit } = useEditor();
  const [stays, setStays] = useState<string | null>(null);
  const { parameters } = draft;
  const show = (view: string) => {
    setStays(null);
    const read = schemaIn(parameters);
    if ('problem' in read) {
      setStays(view === 'json' ? `Before it can be shown as JSON: ${read.problem}.` : `The JSON ${read.problem}.`);
    } else if (view === 'json') {
      edit({ parameters: { view: 'json', text: pretty(read.schema) } });
    } else {
      const next = parametersOf(read.schema);
      if (next.view === 'json') setStays('Rows cannot show this schema. Go on in JSON.');
      else edit({ parameters: next });
    }
  };
  return (
    <Panel
      section="parameters"
      number={2}
      title="Parameters"
      why="What a call needs. The agent asks the customer for whatever is missing, and never makes a value up."
      aside={
        <SegmentedControl
          size="xs"
          aria-label="Show parameters as"
          data={[{ value: 'rows', label: 'Rows' }, { value: 'json', label: 'JSON' }]}
          value={parameters.view}
          onChange={show}
        />
      }
      footer={footer}
    >
      {stays ? <Alert variant="light" color="gray" mb="md" role="alert">{stays}</Alert> : null}
      {parameters.view === 'rows' ? <RowList rows={parameters.rows} /> : <Schema text={parameters.text} />}
    </Panel>
  );
}

function Schema({ text }: { text: string }) {
  const { edit } = useEditor();
  const { error, notes } = useField('parameters');
  return (
    <div>
      <JsonEditor
        label="JSON Schema (2020-12)"
        description="The root is an object. Beside the standard keywords: x-source and x-grounding."
        value={text}
        error={error}
        minHeight={220}
        check={schemaMarks}
        onChange={(next) => edit({ parameters: { view: 'json', text: next } })}
      />
      <Notes notes={notes} />
    </div>
  );
}

function RowList({ rows }: { rows: Rows }) {
  const { draft, edit, notes } = useEditor();
  const [opened, setOpened] = useState<string | null>(null);
  const set = (next: Row[]) => edit({ parameters: { view: 'rows', rows: { ...rows, rows: next } } });
  const about = (row: Row) => notes.filter((note) => rowOf(note.field, rows.rows)?.key === row.key);
  const rest = notes.filter((note) => note.field.split('.')[0] === 'parameters' && !rowOf(note.field, rows.rows));
  const kept = unshownAtRoot(rows);
  const add = () => {
    const row = newRow();
    set([...rows.rows, row]);
    setOpened(row.key);
  };
  return (
    <Stack gap="sm">
      {rows.rows.length === 0 ? (
        <Text c="dimmed" size="sm">
          No parameters: {draft.name === '' ? 'the action' : draft.name} is called without asking the customer for anything.
        </Text>
      ) : null}
      {rows.rows.map((row, at) => (
        <ParameterRow
          key={row.key}
          row={row}
          notes={about(row)}
          focus={opened === row.key}
          first={at === 0}
          last={at === rows.rows.length - 1}
          onChange={(next) => set(rows.rows.map((other) => (other.key === row.key ? next : other)))}
          onMove={(by) => set(moved(rows.rows, at, by))}
          onRemove={() => set(rows.rows.filter((other) => other.key !== row.key))}
        />
      ))}
      <Notes notes={rest} />
      {kept.length > 0 ? (
        <Text size="sm" c="dimmed">Kept, and shown in JSON only: {kept.join(', ')}.</Text>
      ) : null}
      <div><Button variant="default" leftSection={<IconPlus size={16} />} onClick={add}>Add parameter</Button></div>
    </Stack>
  );
}

function moved(rows: Row[], at: number, by: number): Row[] {
  const next = [...rows];
  const [row] = next.splice(at, 1);
  if (row) next.splice(at + by, 0, row);
  return next;
}
