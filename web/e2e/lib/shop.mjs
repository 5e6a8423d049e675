// The owner's side: an HTTPS endpoint that answers in every way that an endpoint can.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer as createTlsServer } from "node:https";
import { createServer } from "node:net";
import { certificate } from "./certificate.mjs";

const ORDERS = {
  "ORD-12345": { status: "shipped", tracking_number: "1Z999AA10123456784", estimated_delivery: "2030-03-25" },
  "ORD-67890": { status: "processing", estimated_delivery: "2030-04-01" },
};

const json = (status, body) => (response) => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
};

/** What is answered at each path; `orders` looks the order up. */
const ANSWERS = {
  "/orders": (response, call) => {
    const order = ORDERS[call.parameters.order_number];
    const body = order
      ? { success: true, result: { order_number: call.parameters.order_number, ...order } }
      : { success: false, error: "Order not found" };
    json(200, body)(response);
  },
  "/declined": json(200, { success: false, error: "Order not found" }),
  "/missing": json(404, { message: "no such route" }),
  "/broken": json(500, { message: "the database is away" }),
  "/words": (response) => response.end("OK, done!"),
  "/moved": (response) => response.writeHead(302, { location: "https://example.com/" }).end(),
  "/cut": (response) => response.destroy(),
  // Taken in; what becomes of it is reported later.
  "/accepted": (response) => response.writeHead(202).end(),
  // An endpoint for events, and one that is no more.
  "/events": (response) => response.writeHead(204).end(),
  "/gone": (response) => response.writeHead(410).end(),
  "/bare": json(200, { order_number: "ORD-12345", status: "shipped" }),
  // Answered by nobody: the connection stays open until the caller gives up.
  "/silent": () => undefined,
};

/** Starts it. `calls` keeps what came in; with `secret` set, an unsigned call is refused; answers wait for `held`. */
export async function openShop() {
  const own = certificate();
  const shop = { calls: [], secret: null, held: Promise.resolve() };
  const server = createTlsServer(own, async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    if (shop.secret && !isSigned(request.headers, body, shop.secret)) {
      json(401, { success: false, error: "Bad signature" })(response);
      return;
    }
    const call = JSON.parse(body);
    shop.calls.push({ path: request.url, headers: request.headers, call, body });
    await shop.held;
    (ANSWERS[request.url] ?? json(404, {}))(response, call);
  });
  // The same, but with a certificate that nobody trusts.
  const stranger = createTlsServer(certificate("A stranger"), (_, response) => response.end("{}"));
  stranger.on("tlsClientError", () => undefined);
  const [port, strangerPort] = [await listen(server), await listen(stranger)];
  const deaf = createServer();
  const deafPort = await listen(deaf);
  await new Promise((resolve) => deaf.close(resolve));
  return Object.assign(shop, {
    ca: own.cert,
    /** The address of a path. */
    at: (path) => `https://127.0.0.1:${port}${path}`,
    stranger: `https://127.0.0.1:${strangerPort}/`,
    /** Nobody listens there. */
    deaf: `https://127.0.0.1:${deafPort}/`,
    allow: [port, strangerPort, deafPort].map((port) => `127.0.0.1:${port}`).join(","),
    stop() {
      for (const one of [server, stranger]) {
        one.closeAllConnections();
        one.close();
      }
    },
  });
}

/** Standard Webhooks, as an owner would check it. */
export function isSigned(headers, body, secret) {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const expected = createHmac("sha256", key).update(signed).digest();
  return String(headers["webhook-signature"])
    .split(" ")
    .map((one) => Buffer.from(one.replace(/^v1,/, ""), "base64"))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}

async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server.address().port;
}
