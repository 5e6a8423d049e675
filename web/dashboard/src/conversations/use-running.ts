import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { conversationQuery } from '../api/log-queries';
import { isLast } from '../trace/events';
import { follow } from '../trace/follow';
import { afterEvent, isOver, newTurn, type TurnView } from '../trace/turn';

/** The turn that is running in a conversation, as it happens; null while none is. */
export function useRunning(conversation: string): { running: TurnView | null; cut: boolean } {
  const cache = useQueryClient();
  const [running, setRunning] = useState<TurnView | null>(null);
  const [cut, setCut] = useState(false);
  useEffect(() => {
    const over = new AbortController();
    const refetch = () => void cache.invalidateQueries({ queryKey: conversationQuery(conversation).queryKey });
    const listen = async () => {
      for await (const { turn, event } of follow(conversation, null, over.signal)) {
        if (event.event === 'turn.started') refetch();
        setRunning((before) => {
          // What is said while a turn runs does not end it.
          if (before && before.id !== turn && !isOver(before) && isLast(event)) return before;
          const known = before?.id === turn ? before : { ...newTurn(turn, ''), id: turn };
          return afterEvent(known, event);
        });
        if (isLast(event)) {
          refetch();
        }
      }
    };
    listen().catch(() => {
      if (!over.signal.aborted) setCut(true);
    });
    return () => over.abort();
  }, [cache, conversation]);
  return { running, cut };
}

/** The stored turns with the one that is heard in the place of its stored form, until that is complete. */
export function withRunning(stored: TurnView[], running: TurnView | null): TurnView[] {
  if (running === null) return stored;
  return stored.map((turn) =>
    turn.id === running.id && (turn.status === 'running' || turn.status === 'sending')
      ? { ...turn, status: running.status, steps: running.steps, reply: { ...turn.reply, text: running.reply.text } }
      : turn,
  );
}
