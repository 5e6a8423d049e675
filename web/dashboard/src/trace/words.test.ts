import { describe, expect, it } from 'vitest';
import { fieldName, fieldSentence, mend, outcomeSentence, provenanceWords, refusalSentence, stopSentence, valueText } from './words';

describe('outcomeSentence', () => {
  it('makes sentences of what is none', () => {
    const failure = { code: 'circuit_open' as const, message: 'not sent: 8 of the last 10 calls failed' };
    expect(outcomeSentence({ status: 'failed', failure, error: null })).toBe(
      'Not sent: 8 of the last 10 calls failed. It was not done.',
    );
    expect(outcomeSentence({ status: 'unknown', failure: null, error: null })).toBe('It may or may not have happened.');
  });

  it('never calls an unknown outcome a failure', () => {
    const failure = { code: 'timeout' as const, message: 'No answer within 30 s.' };
    expect(outcomeSentence({ status: 'unknown', failure, error: null })).toBe(
      'It may or may not have happened. No answer within 30 s.',
    );
  });

  it('gives the endpoint’s own words', () => {
    expect(outcomeSentence({ status: 'declined', failure: null, error: 'Order not found' })).toContain('“Order not found”');
  });
});

describe('what to do', () => {
  it('is said for codes that are known, and nothing made up for others', () => {
    expect(mend('dns_error')).toContain('DNS');
    expect(mend('new_code')).toBeNull();
    expect(stopSentence('new_reason')).toBe('The turn was stopped (new reason).');
  });
});

describe('refusals', () => {
  it('name the field and what is wrong with it', () => {
    expect(fieldSentence({ path: '/order_number', problem: 'not_given', message: '' })).toContain(
      'order_number is not in the conversation',
    );
    expect(fieldSentence({ path: '', problem: 'invalid', message: 'too many' })).toBe(
      'The set of parameters does not fit the schema: too many',
    );
  });

  it('are none for a call that ran', () => {
    expect(refusalSentence({ verdict: 'run', reason: null, action: 'a' })).toBeNull();
    expect(refusalSentence({ verdict: 'unknown_action', reason: null, action: 'a' })).toContain('named a');
  });
});

describe('provenanceWords', () => {
  it('quotes the customer', () => {
    expect(provenanceWords({ path: '/a', source: 'message', text: 'ORD-1' })).toBe('from the customer’s message (“ORD-1”)');
  });

  it('names the field of the contact and the place in a result', () => {
    expect(provenanceWords({ path: '/a', source: 'contact', reference: 'contact.email' })).toBe('from the contact: email');
    expect(provenanceWords({ path: '/a', source: 'result', pointer: '/id' })).toBe('from an earlier result, at /id');
  });
});

describe('names and values', () => {
  it('read pointers back', () => {
    expect(fieldName('/a~1b/0/c~0d')).toBe('a/b.0.c~d');
  });

  it('show texts as they are', () => {
    expect(valueText('2')).toBe('2');
    expect(valueText([1, null])).toBe('[1,null]');
  });
});
