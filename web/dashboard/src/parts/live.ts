import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { LiveEvents } from '../api/types';

type Listener<E extends keyof LiveEvents> = (event: LiveEvents[E]) => void;
const listeners = new Set<{ name: keyof LiveEvents; hear: (event: never) => void }>();

/** Hears one kind of live event while the component is there. */
export function useLive<E extends keyof LiveEvents>(name: E, hear: Listener<E>): void {
  useEffect(() => {
    const entry = { name, hear: hear as (event: never) => void };
    listeners.add(entry);
    return () => {
      listeners.delete(entry);
    };
  }, [name, hear]);
}

/** One stream for the whole window: what changed on the server is fetched anew. Stands once, in the frame. */
export function LiveUpdates(): null {
  const cache = useQueryClient();
  useEffect(() => {
    const stream = new EventSource('/v1/live');
    let cut = false;
    const later = gather(cache);
    stream.addEventListener('error', () => {
      cut = true;
    });
    stream.addEventListener('open', () => {
      // Nothing is replayed after a cut, so everything that may have changed is asked again.
      if (cut) for (const key of ['invocations', 'conversations', 'statistics']) later(key);
      cut = false;
    });
    stream.addEventListener('invocation.changed', (message) => {
      tellAll('invocation.changed', message);
      later('invocations');
      later('statistics');
    });
    stream.addEventListener('conversation.changed', (message) => {
      tellAll('conversation.changed', message);
      later('conversations');
    });
    return () => stream.close();
  }, [cache]);
  return null;
}

function tellAll(name: keyof LiveEvents, message: MessageEvent<string>): void {
  const event = JSON.parse(message.data) as never;
  for (const listener of listeners) if (listener.name === name) listener.hear(event);
}

// A busy workspace changes many times a second; each list is asked at most once in that time.
const GATHER_MS = 700;

function gather(cache: QueryClient): (key: string) => void {
  const waiting = new Set<string>();
  return (key) => {
    if (waiting.has(key)) return;
    waiting.add(key);
    setTimeout(() => {
      waiting.delete(key);
      void cache.invalidateQueries({ queryKey: [key] });
    }, GATHER_MS);
  };
}
