import { Alert, Button, List } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { asProblem } from '../api/problem';
import classes from './parts.module.css';

type Props = { error: unknown; onRetry?: () => void; /** Fields that a form shows itself. */ shownFields?: string[] };

/** What the server refused and why, field by field where it said so. */
export function ProblemAlert({ error, onRetry, shownFields = [] }: Props) {
  if (!error) return null;
  const problem = asProblem(error);
  // Where every mistake is told at its field, there is nothing to add.
  const rest = problem.errors.filter(({ field }) => !shownFields.includes(field));
  if (problem.errors.length > 0 && rest.length === 0) return null;
  return (
    <Alert role="alert" variant="default" className={classes.problem} icon={<IconAlertTriangle size={18} />} title={problem.title}>
      {problem.detail}
      {rest.length > 0 ? (
        <List size="sm" mt={6}>
          {rest.map(({ field, message }) => <List.Item key={`${field}${message}`}><code>{field}</code> {message}</List.Item>)}
        </List>
      ) : null}
      {onRetry ? <div><Button mt="sm" size="xs" variant="default" onClick={onRetry}>Try again</Button></div> : null}
    </Alert>
  );
}
