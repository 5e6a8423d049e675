import { ActionIcon, Checkbox, Collapse, Menu, Select, TextInput, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconChevronRight, IconDots, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import classes from '../actions.module.css';
import { isObject } from '../model/json';
import { nameFrom } from '../model/names';
import type { Note } from '../model/places';
import { TYPES, textOf, typeOf, unshown, withKeyword, type Row } from '../model/rows';
import { rulesOf } from '../model/rules';
import { Notes } from './notes';
import { ParameterRules } from './parameter-rules';
import { useEditor } from './state';

type Props = {
  row: Row;
  notes: Note[];
  focus: boolean;
  first: boolean;
  last: boolean;
  onChange: (row: Row) => void;
  onMove: (by: number) => void;
  onRemove: () => void;
};

/** One parameter: name, type, whether it is required, what the agent asks with, and its rules. */
export function ParameterRow({ row, notes, focus, first, last, onChange, onMove, onRemove }: Props) {
  const { problems } = useEditor();
  const [open, setOpen] = useState(false);
  const plain = isObject(row.property);
  const label = row.name === '' ? 'new parameter' : row.name;
  const rules = rulesOf(row);
  const kept = unshown(row);
  return (
    <fieldset className={classes.row}>
      <legend className={classes.hidden}>{label}</legend>
      <div className={classes.rowTop}>
        <TextInput
          aria-label="Parameter name"
          placeholder="order_number"
          classNames={{ input: classes.mono }}
          value={row.name}
          error={problems.get(`row:${row.key}`)}
          onChange={(event) => onChange({ ...row, name: nameFrom(event.currentTarget.value) })}
          autoComplete="off"
          spellCheck={false}
          autoFocus={focus}
        />
        <Select
          aria-label={`Type of ${label}`}
          data={[...TYPES]}
          value={typeOf(row) || null}
          placeholder={plain ? 'any' : 'in JSON'}
          disabled={!plain}
          allowDeselect={false}
          onChange={(type) => type && onChange(withKeyword(row, 'type', type))}
        />
        <Checkbox
          className={classes.required}
          label="Required"
          checked={row.required}
          onChange={(event) => onChange({ ...row, required: event.currentTarget.checked })}
        />
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon className={classes.rowMenu} variant="subtle" color="gray" aria-label={`More for ${label}`}><IconDots size={16} /></ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconArrowUp size={15} />} disabled={first} onClick={() => onMove(-1)}>Move up</Menu.Item>
            <Menu.Item leftSection={<IconArrowDown size={15} />} disabled={last} onClick={() => onMove(1)}>Move down</Menu.Item>
            <Menu.Item leftSection={<IconTrash size={15} />} color="red" onClick={onRemove}>Remove parameter</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      {plain ? (
        <TextInput
          mt={8}
          aria-label={`Description of ${label}`}
          placeholder="What the agent asks for, with an example: Order number (e.g., ORD-12345)"
          value={textOf(row, 'description')}
          onChange={(event) => onChange(withKeyword(row, 'description', event.currentTarget.value))}
          autoComplete="off"
        />
      ) : null}
      <Notes
        notes={notes}
        onInsert={(insert) => { if (insert.field === 'row') onChange(withKeyword(row, 'description', insert.text)); }}
      />
      {plain ? (
        <>
          <UnstyledButton className={classes.more} aria-expanded={open} onClick={() => setOpen(!open)}>
            <IconChevronRight size={14} aria-hidden data-open={open || undefined} />
            {rules.length > 0 ? rules.join(' · ') : 'Choices, format, pattern, source'}
          </UnstyledButton>
          <Collapse expanded={open}><ParameterRules row={row} onChange={onChange} /></Collapse>
        </>
      ) : null}
      {kept.length > 0 ? (
        <p className={classes.kept}>Kept, and shown in JSON only: {kept.join(', ')}</p>
      ) : null}
    </fieldset>
  );
}
