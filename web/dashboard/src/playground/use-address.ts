import { useNavigate } from '@tanstack/react-router';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { conversationQuery } from '../api/log-queries';
import { type Filters, keepOnlyText } from '../parts/filters';
import type { ChatRequest } from '../trace/follow';
import type { Playground } from './use-playground';

/**
 * Keeps the conversation in the address, so that a reload goes on in it. `?conversation=` opens one,
 * `?replay=` sends the customer's messages of one again in a new one.
 */
export function useAddress(
  playground: Playground,
  filters: Filters,
  onProblem: (problem: unknown) => void,
  onMode: (mode: ChatRequest['mode']) => void,
): void {
  const navigate = useNavigate();
  const cache = useQueryClient();
  const done = useRef(false);
  const { conversation } = playground.state;
  const { conversation: asked, replay } = filters;
  useEffect(
    () => () => {
      done.current = false;
    },
    [],
  );
  useEffect(() => {
    // Once for the address one came with: later changes are this page's own.
    if (done.current) return;
    done.current = true;
    const begin = async () => {
      if (replay) {
        const stored = await cache.fetchQuery(conversationQuery(replay));
        await playground.replay(stored.messages.filter(({ role }) => role === 'customer').map(({ text }) => text));
      } else if (asked) {
        const stored = await cache.fetchQuery(conversationQuery(asked));
        if (stored.mode === 'test' || stored.mode === 'mock') onMode(stored.mode);
        await playground.open(asked);
      }
    };
    begin().catch(onProblem);
  }, [asked, cache, onMode, onProblem, playground, replay]);
  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (shown.current === conversation) return;
    shown.current = conversation;
    void navigate({
      to: '.',
      replace: true,
      search: (before: Filters) => keepOnlyText({ ...before, replay: undefined, conversation: conversation ?? undefined }),
    });
  }, [conversation, navigate]);
}
