import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

/** What stands in the address after `?`: names and texts, nothing else. */
export type Filters = Record<string, string | undefined>;

/** Reads a search string into filters; whatever is no text is dropped. */
export function keepOnlyText(search: Record<string, unknown>): Filters {
  const kept: Filters = {};
  for (const [name, value] of Object.entries(search)) {
    if (typeof value === 'string' && value !== '') kept[name] = value;
    else if (typeof value === 'number' || typeof value === 'boolean') kept[name] = String(value);
  }
  return kept;
}

/** Filters from what stands after `?`, and back: plain texts, so that addresses stay readable. */
export const inAddress = {
  parse: (search: string): Filters => Object.fromEntries(new URLSearchParams(search)),
  write: (search: Record<string, unknown>): string => {
    const text = new URLSearchParams(keepOnlyText(search) as Record<string, string>).toString();
    return text === '' ? '' : `?${text}`;
  },
};

/** The filters of the page that is open, and a way to change one, with others; the address is their only home. */
export function useFilters(): [Filters, (name: string, value: string | null | undefined, also?: Filters) => void, () => void] {
  const filters: Filters = useSearch({ strict: false });
  const navigate = useNavigate();
  const set = useCallback(
    (name: string, value: string | null | undefined, also: Filters = {}) => {
      void navigate({
        to: '.',
        replace: true,
        search: (before: Filters) => keepOnlyText({ ...before, ...also, [name]: value ?? undefined }),
      });
    },
    [navigate],
  );
  const clear = useCallback(() => void navigate({ to: '.', replace: true, search: {} }), [navigate]);
  return [filters, set, clear];
}
