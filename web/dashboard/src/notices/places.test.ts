import { expect, it } from 'vitest';
import { placeOf } from './places';

const NONE = { action_id: null, endpoint_id: null };

it('leads to where each thing can be mended', () => {
  expect(placeOf({ ...NONE, code: 'circuit_open', action_id: 'act_1' }).to).toBe('/actions/act_1');
  expect(placeOf({ ...NONE, code: 'endpoint_disabled', endpoint_id: 'ep_1' }).to).toBe('/settings/events/ep_1');
  expect(placeOf({ ...NONE, code: 'unsettled_invocations' }).to).toBe('/invocations?status=unknown&test=false');
  expect(placeOf({ ...NONE, code: 'handoff_waiting' }).to).toBe('/conversations?handoff=true');
});

it('leads to the list where nothing is named', () => {
  expect(placeOf({ ...NONE, code: 'circuit_open' }).to).toBe('/actions');
  expect(placeOf({ ...NONE, code: 'endpoint_disabled' }).to).toBe('/settings/events');
});
