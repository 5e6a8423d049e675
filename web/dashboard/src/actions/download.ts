import type { Action } from '../api/types';
import { definitionOf } from './model/draft';
import { exported } from './model/transfer';

/** Saves an action as a JSON file, without its secrets. */
export function download(action: Action): void {
  const file = new Blob([exported(definitionOf(action))], { type: 'application/json' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = `${action.name}.json`;
  link.click();
  // Revoked later: some browsers read it only after the click has returned.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
