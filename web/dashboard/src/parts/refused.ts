import type { UseFormReturnType } from '@mantine/form';
import { ApiProblem } from '../api/problem';

/** Puts what the server refused at its fields and goes to the first of them: `onError: refusedIn(form)`. */
export function refusedIn<V>(form: UseFormReturnType<V>): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof ApiProblem) || error.errors.length === 0) return;
    form.setErrors(error.byField());
    for (const { field } of error.errors) {
      const node = form.getInputNode(field);
      if (node) {
        node.focus();
        return;
      }
    }
  };
}
