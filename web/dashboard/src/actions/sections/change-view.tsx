import { Text, VisuallyHidden } from '@mantine/core';
import classes from '../actions.module.css';
import { folded, type Change } from '../model/diff';

const MARKS = { same: '', added: '+', removed: '−' };

/** One field before and after; long ones line by line. */
export function ChangeView({ change }: { change: Change }) {
  const { shown } = change;
  return (
    <div className={classes.change}>
      <h3>{change.label}</h3>
      {'lines' in shown ? (
        <div className={classes.diff} role="group" aria-label={`Changes of ${change.label.toLowerCase()}`}>
          {folded(shown.lines).map((line, at) =>
            typeof line === 'number' ? (
              <div key={at} data-kind="folded" data-mark="">{line} unchanged {line === 1 ? 'line' : 'lines'}</div>
            ) : (
              <div key={at} data-kind={line.kind} data-mark={MARKS[line.kind]}>
                {line.kind === 'same' ? null : <VisuallyHidden>{line.kind}: </VisuallyHidden>}
                {line.text}
              </div>
            ),
          )}
        </div>
      ) : (
        <Text size="sm" component="div" style={{ overflowWrap: 'anywhere' }}>
          <VisuallyHidden>before: </VisuallyHidden><span className={classes.was}>{shown.before || 'empty'}</span>
          {' → '}
          <VisuallyHidden>after: </VisuallyHidden><span>{shown.after || 'empty'}</span>
        </Text>
      )}
    </div>
  );
}
