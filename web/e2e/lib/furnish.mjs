// A workspace full of things, as it looks after some days of use.

import { makeAgent, orderAction } from "./owner.mjs";

const LONG =
  "Hello, I ordered two weeks ago and paid at once, and the parcel was promised for last Friday. I have been at home all the time and nobody rang. Could you look where my order is? The number is ORD-12345, it was sent to averylongemailaddressthatneverseemstoend@subdomain.of.a.very.long.example.com.";

const ASKED = [
  ["Where's my order?", "ORD-12345"],
  ["Where's my order ORD-67890?"],
  ["Where is order ORD-99999?", "Thanks anyway"],
  ["I want a refund for order ORD-12345"],
  ["Please cancel my order ORD-67890"],
  ["What is in stock of item SKU-4711?"],
  ["Please change the delivery address of ORD-12345"],
  [LONG],
  ["Do you sell umbrellas?"],
];

/** Fills the workspace; returns the addresses of what is in it. */
export async function furnish({ api, url }, shop) {
  const about = (name, display_name, what, path, more = {}) =>
    orderAction(shop.at(path), { name, display_name, description: `${what} Requires the order number.`, timeout_seconds: 1, ...more });
  const actions = [];
  for (const action of [
    orderAction(shop.at("/orders"), { examples: ["Where's my order?"], headers: [{ name: "x-shop", value: "main" }, { name: "authorization", secret: "Bearer hidden" }] }),
    about("request_refund", "Request a refund", "Ask for a refund. Use when the customer wants a refund or their money back.", "/silent", { effect: "write" }),
    about("cancel_order", "Cancel order", "Cancel an order. Use when the customer wants to cancel their order.", "/declined", { effect: "write" }),
    about("change_delivery_address_of_an_order_that_is_on_its_way", "Change the delivery address of an order that is on its way", "Change the delivery address. Use when the customer wants to change the delivery address.", "/broken", { effect: "write" }),
    orderAction(shop.at("/words"), {
      name: "look_up_stock",
      display_name: "Look up stock",
      description: "Look up how many of an item are in stock. Use when the customer asks what is in stock. Requires the item.",
      parameters: {
        type: "object",
        properties: {
          item: { type: "string", description: "Item number (e.g., SKU-4711)", pattern: "^SKU-[0-9]+$" },
          warehouse: { type: "string", enum: ["north", "south"], description: "Which warehouse" },
          customer_id: { type: "string", "x-source": "contact.id" },
        },
        required: ["item"],
      },
    }),
  ]) actions.push(await api("POST", "/v1/actions", action));
  const [orders] = actions;
  await api("PATCH", `/v1/actions/${orders.id}`, { timeout_seconds: 20, description: `${orders.description} Not for refunds.` });
  const off = await api("POST", "/v1/actions", orderAction(shop.at("/moved"), { name: "book_a_call", display_name: "Book a call", description: "Book a call with a person. Use when the customer wants to be called.", enabled: false }));
  const agent = await makeAgent(api, "Shop assistant", [...actions, off], {
    instructions: "You help customers of Example Shop with their orders. Be friendly and brief.",
    fallback_contact: "help@shop.example",
  });
  await makeAgent(api, "Wholesale desk with a rather long name, for resellers", [orders]);
  await api("PUT", `/v1/agents/${agent.id}/widget`, {
    enabled: true, title: "Help", greeting: "Hello! Ask me about your order.", color: "#1f6feb", text_color: "#ffffff", position: "right",
  });
  await api("PATCH", "/v1/workspace", { widget_origins: ["https://shop.example", "https://www.a-much-longer-name-of-a-shop.example"] });
  await api("POST", "/v1/keys", { name: "Web site", scope: "chat" });
  await api("POST", "/v1/keys", { name: "Reports of the finance department, every night", scope: "read" });

  const conversations = [];
  for (const [at, said] of ASKED.entries()) {
    let conversation_id = null;
    const contact = at % 2 ? { id: `cus_${at}`, name: "Grace Customer", email: "grace@example.com" } : undefined;
    for (const message of said) {
      const answer = await api("POST", `/v1/agents/${agent.id}/chat`, { message, conversation_id, ...(conversation_id ? {} : { contact }) });
      conversation_id = answer.conversation_id;
    }
    conversations.push(conversation_id);
  }
  const tried = await api("POST", `/v1/agents/${agent.id}/chat`, { message: "Where's my order ORD-12345?", mode: "test" });
  const { data: invocations } = await api("GET", "/v1/invocations?limit=100");
  const one = (status) => {
    const found = invocations.find((invocation) => invocation.status === status);
    if (!found) throw new Error(`no invocation is ${status}: ${invocations.map(({ action, status }) => `${action} ${status}`)}`);
    return found.id;
  };
  return {
    url,
    agent: agent.id,
    action: orders.id,
    stock: actions.at(-1).id,
    conversation: conversations[0],
    longest: conversations[7],
    tried: tried.conversation_id,
    succeeded: one("succeeded"),
    unknown: one("unknown"),
    failed: one("failed"),
    declined: one("declined"),
  };
}
