import { useEffect, useState } from 'react';

// A page that was left and shown again (as in development) must not lose what the address held.
const kept = new Map<string, string>();

/** The one-time token behind `#` in the address. It is taken out of the address, so that it is in no history. */
export function useAddressToken(): string {
  const [token] = useState(() => {
    const page = window.location.pathname;
    const found = window.location.hash.slice(1);
    if (found) kept.set(page, found);
    return kept.get(page) ?? '';
  });
  useEffect(() => {
    if (window.location.hash) window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search);
  }, []);
  return token;
}
