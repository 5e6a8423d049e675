import { describe, expect, it } from 'vitest';
import { append, insertOf, notesFor, rowOf, sectionOf, visibleNotes, type Note } from './places';
import { newRow } from './rows';

const note = (code: string, suggestion: string, field = 'description'): Note => ({
  severity: 'warning',
  code,
  field,
  message: 'm',
  suggestion,
});

describe('the place of a note', () => {
  it('is the row whose name fits best', () => {
    const rows = [newRow('a'), newRow('a.b'), newRow('ab')];
    expect(rowOf('parameters.properties.a.b.pattern', rows)?.name).toBe('a.b');
    expect(rowOf('parameters.properties.a.pattern', rows)?.name).toBe('a');
    expect(rowOf('parameters.required', rows)).toBeUndefined();
  });

  it('is a section for every field', () => {
    expect(sectionOf('headers.0.value')).toBe('webhook');
    expect(sectionOf('parameters.required')).toBe('parameters');
    expect(sectionOf('webhook_url')).toBe('define');
  });

  it('is not a field that only begins alike', () => {
    const notes = [note('x', '', 'headers.1.name'), note('x', '', 'headers.10.name')];
    expect(notesFor(notes, 'headers.1')).toHaveLength(1);
  });
});

describe('a suggestion', () => {
  it('is inserted where it is text', () => {
    const when = 'Add when to use it, such as "Use when the customer asks about their order status."';
    expect(insertOf(note('description_no_when', when))).toEqual({
      field: 'description',
      how: 'append',
      text: 'Use when the customer asks about their order status.',
    });
    expect(insertOf(note('read_marked_write', 'Set effect to "read" if it only looks things up.', 'effect'))).toEqual({
      field: 'effect',
      text: 'read',
    });
  });

  it('with a gap to fill is not', () => {
    expect(insertOf(note('description_no_when', 'Add when, such as "Use when the customer asks …."'))).toBeNull();
    expect(insertOf(note('does_not_resolve', 'Set up "DNS".'))).toBeNull();
  });

  it('follows what is there as a sentence', () => {
    expect(append('Check an order ', 'Use it.')).toBe('Check an order. Use it.');
    expect(append('Check an order.', 'Use it.')).toBe('Check an order. Use it.');
    expect(append('', 'Use it.')).toBe('Use it.');
  });
});

describe('what is shown', () => {
  const finding = note('invalid_field', 'Give a name.', 'name');
  const wrong: Note = { ...finding, severity: 'error', message: 'name must not be empty' };

  it('begins with refusals, and says nothing twice', () => {
    const refused: Note = { ...wrong, message: 'is taken' };
    expect(visibleNotes([refused], [wrong], [], [])).toEqual([refused]);
  });

  it('does not complain about what was not touched or cannot be read', () => {
    expect(visibleNotes([], [wrong], [], ['name'])).toEqual([]);
    expect(visibleNotes([], [wrong], ['name'], [])).toEqual([]);
    expect(visibleNotes([], [wrong], [], []).map((note) => note.message)).toEqual(['must not be empty']);
  });
});
