import { useCallback, useEffect, useReducer, useRef } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { conversationQuery } from '../api/log-queries';
import type { LiveEvents } from '../api/types';
import { useLive } from '../parts/live';
import { tellProblem } from '../parts/tell';
import { type ChatRequest, chat } from '../trace/follow';
import { isOver } from '../trace/turn';
import { type Change, EMPTY, reduce, type State } from './state';

type Settings = Pick<ChatRequest, 'mode' | 'contact'>;

/** A conversation with an agent, and the ways to drive it. */
export type Playground = {
  state: State;
  send: (text: string) => Promise<void>;
  /** Sends these one after another in a new conversation. */
  replay: (texts: string[]) => Promise<void>;
  startOver: () => void;
  /** Goes on in a conversation that is stored. */
  open: (conversation: string) => Promise<void>;
};

/** Drives a playground. What is under way is let go of when the page is left; the server finishes it. */
export function usePlayground(agent: string, settings: Settings): Playground {
  const [state, dispatch] = useReducer(reduce, EMPTY);
  const cache = useQueryClient();
  const latest = useRef({ state, settings });
  useEffect(() => {
    latest.current = { state, settings };
  });
  // One run at a time may change what is shown; a new one makes the one before it fall silent.
  const run = useRef(new AbortController());
  useEffect(() => {
    run.current = new AbortController();
    return () => run.current.abort();
  }, []);
  const begin = useCallback(() => {
    run.current.abort();
    run.current = new AbortController();
    return run.current.signal;
  }, []);

  const one = useCallback(
    async (text: string, conversation: string | null, signal: AbortSignal): Promise<string | null> => {
      const key = crypto.randomUUID();
      const tell = (change: Change) => {
        if (!signal.aborted) dispatch(change);
      };
      tell({ type: 'sent', key, text });
      let where = conversation;
      try {
        const request = { message: text, conversation_id: conversation, ...latest.current.settings };
        for await (const event of chat(agent, request, key, signal)) {
          if (event.event === 'turn.started') where = event.data.conversation_id;
          tell({ type: 'told', key, event });
        }
        if (where !== null) {
          const stored = await cache.fetchQuery({ ...conversationQuery(where), staleTime: 0 });
          tell({ type: 'stored', conversation: stored });
        }
      } catch (problem) {
        tell({ type: 'refused', key, problem });
        return null;
      }
      return signal.aborted ? null : where;
    },
    [agent, cache],
  );

  const send = useCallback(
    async (text: string) => {
      if (latest.current.state.turns.some((turn) => !isOver(turn))) return;
      await one(text, latest.current.state.conversation, run.current.signal);
    },
    [one],
  );
  const replay = useCallback(
    async (texts: string[]) => {
      const signal = begin();
      dispatch({ type: 'queued', texts });
      let where: string | null = null;
      for (const text of texts) {
        where = await one(text, where, signal);
        if (where === null) return;
      }
    },
    [begin, one],
  );
  const startOver = useCallback(() => {
    begin();
    dispatch({ type: 'begun' });
  }, [begin]);
  const open = useCallback(
    async (conversation: string) => {
      const signal = begin();
      const stored = await cache.fetchQuery({ ...conversationQuery(conversation), staleTime: 0 });
      if (!signal.aborted) dispatch({ type: 'stored', conversation: stored });
    },
    [begin, cache],
  );
  // What is said without being asked for: by a person, or when work that took long is done.
  const hear = useCallback(
    ({ id }: LiveEvents['conversation.changed']) => {
      const { state: shown } = latest.current;
      if (id !== shown.conversation || shown.turns.some((turn) => !isOver(turn))) return;
      const signal = run.current.signal;
      cache
        .fetchQuery({ ...conversationQuery(id), staleTime: 0 })
        .then((stored) => {
          if (!signal.aborted) dispatch({ type: 'stored', conversation: stored });
        })
        .catch(tellProblem);
    },
    [cache],
  );
  useLive('conversation.changed', hear);
  return { state, send, replay, startOver, open };
}
