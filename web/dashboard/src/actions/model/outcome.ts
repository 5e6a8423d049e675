/** As much of an invocation as its outcome is told from. */
export interface Told {
  status: string;
  failure?: { code: string; message: string; http_status?: number | null } | null;
  error?: string | null;
  result?: unknown;
}

/** What came of a call, for its owner; and what an agent would make of it. */
export function outcome(call: Told): { says: string; agent: string | null } {
  switch (call.status) {
    case 'succeeded':
    case 'completed':
      return {
        says: 'Your endpoint did it and answered as agreed.',
        agent:
          call.result === null || call.result === undefined
            ? 'There is no result: an agent could only say that it is done.'
            : 'An agent answers the customer from the result.',
      };
    case 'declined':
      return {
        says: `Your endpoint said no: “${call.error ?? 'without a reason'}”.`,
        agent: 'An agent uses these words to help the customer on.',
      };
    case 'failed':
      return {
        says: because('It was not done', call.failure) + hint(call.failure),
        agent: 'The customer would hear that it could not be completed just now, and a way on.',
      };
    case 'unknown':
      return {
        says: because('Nobody can tell whether it was done', call.failure),
        agent: 'The customer would hear that it cannot be confirmed. It is not sent again by itself.',
      };
    case 'accepted':
      return { says: 'Your endpoint has begun it.', agent: null };
    default:
      return { says: `The call is ${call.status.replaceAll('_', ' ')}.`, agent: null };
  }
}

function because(what: string, failure: Told['failure']): string {
  return failure ? `${what} (${failure.code}): ${failure.message}` : `${what}.`;
}

function hint(failure: Told['failure']): string {
  const status = failure?.http_status;
  return status === 401 || status === 403
    ? " Does your endpoint have this action's own signing secret, and any key that its headers should carry?"
    : '';
}
