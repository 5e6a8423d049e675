// What the stories need of an account and of actions, made through the API.

export const OWNER = { email: "ada@shop.example", password: "correct horse battery" };

/** Makes the account, with the set-up link. */
export async function makeAccount({ url, link }) {
  const response = await fetch(`${url}/v1/setup`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ token: link.split("#")[1], workspace_name: "Example Shop", name: "Ada Owner", ...OWNER }),
  });
  if (!response.ok) throw new Error(`setup: ${response.status} ${await response.text()}`);
}

export const orderAction = (webhook_url, more = {}) => ({
  name: "check_order_status",
  display_name: "Check order status",
  description:
    "Check the status of a customer's order. Use when the customer asks about their order status, delivery tracking, or where their package is. Requires the order number.",
  webhook_url,
  effect: "read",
  parameters: {
    type: "object",
    properties: {
      customer_email: { type: "string", description: "Customer's email address" },
      order_number: { type: "string", description: "Order number to look up (e.g., ORD-12345)" },
    },
    required: ["order_number"],
  },
  ...more,
});

/** An agent, and with `actions` what it offers. */
export async function makeAgent(api, name, actions = [], more = {}) {
  const agent = await api("POST", "/v1/agents", { name, ...more });
  for (const { id } of actions) await api("PUT", `/v1/agents/${agent.id}/actions/${id}`);
  return agent;
}
