import { ActionIcon, Textarea } from '@mantine/core';
import { IconSend2 } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import classes from './playground.module.css';

type Props = {
  busy: boolean;
  /** A message that was not taken: it stands in the field again. */
  returned: string;
  onSend: (text: string) => void;
};

const LONGEST = 8_000;

/** One field: Enter sends, Shift and Enter break the line. */
export function Composer({ busy, returned, onSend }: Props) {
  const [text, setText] = useState('');
  const [given, setGiven] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  if (given !== returned) {
    setGiven(returned);
    if (text === '') setText(returned);
  }
  useEffect(() => field.current?.focus(), []);
  const ready = !busy && text.trim() !== '' && Array.from(text).length <= LONGEST;
  const send = () => {
    if (!ready) return;
    onSend(text.trim());
    setText('');
  };
  return (
    <form className={classes.composer} onSubmit={(event) => { event.preventDefault(); send(); }}>
      <Textarea
        ref={field}
        aria-label="Message"
        placeholder="Say something as a customer"
        autosize
        minRows={1}
        maxRows={6}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          send();
        }}
        error={Array.from(text).length > LONGEST ? `At most ${LONGEST.toLocaleString()} characters.` : undefined}
        className={classes.field}
      />
      <ActionIcon type="submit" size={36} aria-label="Send" disabled={!ready} loading={busy}><IconSend2 size={18} stroke={1.75} /></ActionIcon>
    </form>
  );
}
