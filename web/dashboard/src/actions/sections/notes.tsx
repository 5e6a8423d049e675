import { Button, VisuallyHidden } from '@mantine/core';
import { IconAlertCircle, IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import classes from '../actions.module.css';
import { insertOf, notesFor, sentence, type Insert, type Note } from '../model/places';
import { useEditor } from './state';

const LOOK = {
  error: { icon: IconAlertCircle, word: 'Error' },
  warning: { icon: IconAlertTriangle, word: 'Warning' },
  info: { icon: IconInfoCircle, word: 'Worth a thought' },
} as const;

/** What stands under a field: findings with what to do about them, and a button where that is a text to insert. */
export function Notes({ notes, onInsert }: { notes: Note[]; onInsert?: (insert: Insert) => void }) {
  if (notes.length === 0) return null;
  return (
    <ul className={classes.notes}>
      {notes.map((note) => {
        const { icon: Icon, word } = LOOK[note.severity];
        const insert = onInsert ? insertOf(note) : null;
        return (
          <li key={`${note.code}${note.field}${note.message}`} data-severity={note.severity}>
            <Icon size={16} stroke={1.75} aria-hidden />
            <div>
              <VisuallyHidden>{word}: </VisuallyHidden>
              {sentence(note.message)}{' '}
              <span className={classes.suggestion}>{note.suggestion}</span>
              {insert && onInsert ? (
                <Button size="compact-xs" variant="default" ml={6} onClick={() => onInsert(insert)}>
                  {insert.field === 'effect' ? 'Set' : 'Insert'}
                </Button>
              ) : null}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

/** A field's refusal, for the input itself, and everything else there is to say about it. */
export function useField(field: string): { error: string | undefined; notes: Note[] } {
  const { notes, problems } = useEditor();
  const problem = problems.get(field);
  const about = notesFor(notes, field);
  const refused = about.find((note) => note.severity === 'error' && note.field === field);
  const error = problem ?? (refused ? `${sentence(refused.message)} ${refused.suggestion}`.trim() : undefined);
  return { error: error === undefined ? undefined : sentence(error), notes: about.filter((note) => note !== refused) };
}
