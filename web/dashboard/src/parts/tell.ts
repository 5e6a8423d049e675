import { notifications } from '@mantine/notifications';
import { asProblem } from '../api/problem';

/** Says in a corner that something was done: "Saved". */
export function tell(message: string): void {
  notifications.show({ message, color: 'green', autoClose: 3000 });
}

/** Says in a corner what went wrong, in the server's own words. */
export function tellProblem(error: unknown): void {
  const problem = asProblem(error);
  notifications.show({ title: problem.title, message: problem.detail, color: 'red', autoClose: 9000 });
}
