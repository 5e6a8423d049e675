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

/**
 * One stream for the whole window: what changed on the server is fetched anew. Stands once, in the frame.
 * A window that nobody sees holds no stream: browsers allow few connections to one server.
 */
export function LiveUpdates(): null {
  const cache = useQueryClient();
  useEffect(() => {
    const later = gather(cache);
    let stream: EventSource | null = null;
    const gap = { missed: false };
    const follow = () => {
      if (document.hidden) {
        gap.missed ||= stream !== null;
        stream?.close();
        stream = null;
      } else if (stream === null) {
        stream = open(later, gap);
      }
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      stream?.close();
    };
  }, [cache]);
  return null;
}

function open(later: (key: string) => void, gap: { missed: boolean }): EventSource {
  const stream = new EventSource('/v1/live');
  stream.addEventListener('error', () => {
    gap.missed = true;
  });
  stream.addEventListener('open', () => {
    // Nothing is replayed, so after a gap everything that may have changed is asked again.
    if (gap.missed) for (const key of ['invocations', 'conversations', 'statistics', 'notices']) later(key);
    gap.missed = false;
  });
  stream.addEventListener('invocation.changed', (message) => {
    tellAll('invocation.changed', message);
    later('invocations');
    later('statistics');
    later('notices');
  });
  stream.addEventListener('conversation.changed', (message) => {
    tellAll('conversation.changed', message);
    later('conversations');
    later('notices');
  });
  return stream;
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
