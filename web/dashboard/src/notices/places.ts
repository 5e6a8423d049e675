import type { Notice } from '../api/types';

/** Where something can be mended, and what the link there says. */
export function placeOf({ code, action_id, endpoint_id }: Pick<Notice, 'code' | 'action_id' | 'endpoint_id'>): { to: string; label: string } {
  switch (code) {
    case 'circuit_open':
      return action_id === null ? { to: '/actions', label: 'See the actions' } : { to: `/actions/${action_id}`, label: 'Open the action' };
    case 'endpoint_disabled':
      return endpoint_id === null
        ? { to: '/settings/events', label: 'See the endpoints' }
        : { to: `/settings/events/${endpoint_id}`, label: 'Open the endpoint' };
    case 'unsettled_invocations':
      return { to: '/invocations?status=unknown&test=false', label: 'Settle' };
    case 'handoff_waiting':
      return { to: '/conversations?handoff=true', label: 'Answer' };
  }
}
