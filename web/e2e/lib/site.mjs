// The owner's web page, on an origin of its own, and an unreliable line to the server.

import { createServer as createHttpServer } from "node:http";
import { connect, createServer } from "node:net";

/** A page with this in its head. */
export async function openSite(head) {
  const server = createHttpServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title>
      <meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
      <link rel="icon" href="data:,">${head}
      <main><h1>Shop</h1><p>Fine things.</p></main></html>`);
  });
  const port = await listen(server);
  return {
    origin: `http://127.0.0.1:${port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A line to `url` that can be cut: what goes over it breaks off, and nothing gets through until it is mended. */
export async function openLine(url) {
  const target = new URL(url);
  const sockets = new Set();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) {
      near.destroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [[near, far], [far, near]]) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  const port = await listen(server);
  const cut = () => {
    whole = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    cut,
    mend() {
      whole = true;
    },
    stop() {
      cut();
      server.close();
    },
  };
}

async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server.address().port;
}
