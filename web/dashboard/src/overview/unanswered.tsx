import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Statistics } from '../api/types';
import { RelativeTime } from '../parts/time';
import { stopSentence } from '../trace/words';
import classes from './overview.module.css';

/** Questions that stayed open, each a way to its turn. */
export function Unanswered({ turns }: { turns: Statistics['unanswered'] }) {
  if (turns.length === 0) return <Text c="dimmed">None: every question got an answer.</Text>;
  return (
    <ul className={classes.list}>
      {turns.map(({ conversation_id, turn_id, at, message, reason }) => (
        <li key={turn_id}>
          <div className={classes.line}>
            <Anchor lineClamp={2} renderRoot={(props) => <Link to="/conversations/$id" params={{ id: conversation_id }} search={{ turn: turn_id }} {...props} />}>{message}</Anchor>
            <span className={classes.note}><RelativeTime at={at} /></span>
          </div>
          <div className={classes.note}>{stopSentence(reason)}</div>
        </li>
      ))}
    </ul>
  );
}
