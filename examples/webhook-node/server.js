// A small shop that answers Deskhand's action check_order_status: HTTPS, the signature verified,
// every Idempotency-Key worked on once.

import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { Webhook } from "standardwebhooks";

// Deskhand sends at most this much.
const BODY_BYTES = 256 * 1024;
// Keys to remember. A real system has them in its database, in the transaction that does the work.
const KEYS = 10_000;

const ORDERS = new Map([
  ["ORD-12345", { status: "shipped", tracking_number: "1Z999AA10123456784" }],
  ["ORD-67890", { status: "processing" }],
  ["ORD-24680", { status: "delivered" }],
]);

const webhook = new Webhook(setting("WEBHOOK_SECRET"));
const answers = new Map();

const server = createServer(
  { cert: readFileSync(setting("TLS_CERT_FILE")), key: readFileSync(setting("TLS_KEY_FILE")) },
  async (request, response) => {
    let status, body;
    try {
      [status, body] = await answer(request);
    } catch (error) {
      console.error(error);
      [status, body] = [500, no("Internal error")];
    }
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  },
);
const [, host, port] = (process.env.LISTEN ?? "127.0.0.1:8443").match(/^(.*):(\d+)$/);
server.listen(Number(port), host, () => {
  console.log(`listening on https://${host}:${server.address().port}`);
});

async function answer(request) {
  if (request.method !== "POST" || request.url !== "/deskhand/orders") {
    return [404, no("Nothing here")];
  }
  const raw = await read(request);
  if (raw === null) return [413, no("Too large")];
  let call;
  try {
    // The signature is over the bytes as they came: verify first, then parse.
    call = webhook.verify(raw, request.headers);
  } catch (error) {
    console.log(`refused: ${error.message}`);
    return [401, no("Bad signature")];
  }
  const key = request.headers["idempotency-key"];
  if (!key) return [400, no("No idempotency key")];
  if (call?.action !== "check_order_status") return [400, no("Not an action of this shop")];
  return [200, once(key, call.parameters ?? {})];
}

// Does the work for a key the first time, and gives the same answer every time after. Nothing in here
// waits, so a second request with the key cannot come in between. Work that waits has to put its
// promise into the map before it begins.
function once(key, parameters) {
  if (answers.has(key)) {
    console.log(`${key}: answered before`);
    return answers.get(key);
  }
  const answer = lookUp(String(parameters.order_number ?? ""));
  console.log(`${key}: ${JSON.stringify(answer)}`);
  if (answers.size === KEYS) answers.delete(answers.keys().next().value);
  answers.set(key, answer);
  return answer;
}

function lookUp(number) {
  const order = ORDERS.get(number.trim().toUpperCase());
  return order ? { success: true, result: order } : no("Order not found");
}

function no(error) {
  return { success: false, error };
}

// The whole body, or null if it is too large.
async function read(request) {
  const parts = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    if (bytes <= BODY_BYTES) parts.push(part);
  }
  return bytes <= BODY_BYTES ? Buffer.concat(parts) : null;
}

function setting(name) {
  const value = process.env[name];
  if (!value) {
    console.error(`${name} is not set`);
    process.exit(1);
  }
  return value;
}
