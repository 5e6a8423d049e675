import type { Agent, AgentChanges } from '../api/types';

/** An agent as its form holds it: texts, where an empty one stands for "none". */
export type AgentValues = {
  name: string;
  instructions: string;
  model: string;
  fallback_model: string;
  fallback_message: string;
  fallback_contact: string;
  daily_token_budget: number | '';
  handoff: boolean;
};

/** A form with nothing in it. */
export const EMPTY: AgentValues = {
  name: '', instructions: '', model: '', fallback_model: '', fallback_message: '', fallback_contact: '', daily_token_budget: '', handoff: false,
};

/** What the form shows of an agent. */
export function valuesOf(agent: Agent): AgentValues {
  return {
    name: agent.name,
    instructions: agent.instructions,
    model: agent.model ?? '',
    fallback_model: agent.fallback_model ?? '',
    fallback_message: agent.fallback_message ?? '',
    fallback_contact: agent.fallback_contact ?? '',
    daily_token_budget: agent.daily_token_budget ?? '',
    handoff: agent.handoff,
  };
}

/** What is sent to the server for a form. */
export function changesOf(values: AgentValues): AgentChanges & { name: string } {
  const text = (value: string) => (value.trim() === '' ? null : value.trim());
  return {
    name: values.name.trim(),
    instructions: values.instructions,
    model: text(values.model),
    fallback_model: text(values.fallback_model),
    fallback_message: text(values.fallback_message),
    fallback_contact: text(values.fallback_contact),
    daily_token_budget: values.daily_token_budget === '' ? null : values.daily_token_budget,
    handoff: values.handoff,
  };
}
