import { actionQuery } from '../api/queries';
import { queryClient } from '../api/cache';
import { api, body } from '../api/client';
import { conversationQuery } from '../api/log-queries';
import type { Action, Invocation } from '../api/types';

type Schema = { properties?: Record<string, unknown> };

const NOBODY = { id: null, name: null, email: null, phone: null, timezone: null, locale: null, attributes: {} };

/** Runs the action again, as a test, with what the model gave. Answers the id of the new invocation. */
export async function testAgain(invocation: Invocation): Promise<string> {
  const action: Action = await queryClient.fetchQuery(actionQuery(invocation.action_id));
  const { given, needsContact } = modelGiven(action.parameters as Schema, invocation.parameters);
  const conversation =
    needsContact && invocation.conversation_id
      ? await queryClient.fetchQuery(conversationQuery(invocation.conversation_id))
      : null;
  const run = await body(
    api.POST('/v1/actions/{id}/test', {
      params: { path: { id: action.id } },
      body: { parameters: given, contact: conversation?.contact ?? NOBODY },
    }),
  );
  return run.id;
}

/** The parameters without those that the server fills in, which it would refuse from anyone else. */
export function modelGiven(
  schema: Schema,
  parameters: Record<string, unknown>,
): { given: Record<string, unknown>; needsContact: boolean } {
  const properties = schema.properties ?? {};
  const filled = (name: string, key: string) => {
    const property = properties[name];
    return typeof property === 'object' && property !== null && key in property;
  };
  const given = Object.fromEntries(
    Object.entries(parameters).filter(([name]) => !filled(name, 'x-source') && !filled(name, 'const')),
  );
  return { given, needsContact: Object.keys(properties).some((name) => filled(name, 'x-source')) };
}
