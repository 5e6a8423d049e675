import { describe, expect, it } from 'vitest';
import { newTurn } from '../trace/turn';
import { withRunning } from './use-running';

const STORED = { ...newTurn('turn_1', 'Where is it?'), id: 'turn_1', status: 'running' as const };
const HEARD = { ...newTurn('turn_1', ''), id: 'turn_1', status: 'running' as const, reply: { id: null, text: 'It has' } };

describe('withRunning', () => {
  it('shows what is heard of a turn that is not stored whole yet', () => {
    expect(withRunning([STORED], HEARD)).toMatchObject([{ message: { text: 'Where is it?' }, reply: { text: 'It has' } }]);
  });

  it('leaves a turn that is stored whole', () => {
    const whole = { ...STORED, status: 'completed' as const, reply: { id: 'msg_2', text: 'It has shipped.' } };
    expect(withRunning([whole], HEARD)).toEqual([whole]);
  });

  it('adds no turn of which the message is not known', () => {
    expect(withRunning([], HEARD)).toEqual([]);
  });
});
