import type { ConversationRow } from '../api/types';

/** What to call a contact: the name, else what is known. */
export function contactName(contact: ConversationRow['contact']): string {
  return contact.name ?? contact.email ?? contact.id ?? 'Anonymous';
}
