import { useLit } from './lit';
import { marksIn, segments, type Spoken, type Vouched } from './spans';
import classes from './trace.module.css';

type Props = {
  message: Spoken;
  /** The ids of all messages that are known. */
  known: ReadonlySet<string>;
  /** Values whose words are to be marked. */
  values: Vouched[];
};

/** What somebody said, the words that became values marked. */
export function MessageText({ message, known, values }: Props) {
  const pieces = segments(message.text, marksIn(message, known, values));
  return (
    <>
      {pieces.map(({ text, keys }, at) => (keys.length > 0 ? <Marked key={at} text={text} keys={keys} /> : text))}
    </>
  );
}

function Marked({ text, keys }: { text: string; keys: string[] }) {
  return <mark className={classes.mark} {...useLit(keys)}>{text}</mark>;
}
