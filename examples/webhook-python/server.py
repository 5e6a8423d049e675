"""A small shop that answers Deskhand's action check_order_status: HTTPS, the signature verified,
every Idempotency-Key worked on once."""

import json
import os
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

# Deskhand sends at most this much.
BODY_BYTES = 256 * 1024
# Keys to remember. A real system has them in its database, in the transaction that does the work.
KEYS = 10_000

ORDERS = {
    "ORD-12345": {"status": "shipped", "tracking_number": "1Z999AA10123456784"},
    "ORD-67890": {"status": "processing"},
    "ORD-24680": {"status": "delivered"},
}

answers = {}
working = threading.Lock()


def once(key, parameters):
    """Does the work for a key the first time, and gives the same answer every time after. The lock is
    held meanwhile, so that a second request with the key waits for the first."""
    with working:
        if key in answers:
            say(f"{key}: answered before")
            return answers[key]
        answer = look_up(str(parameters.get("order_number", "")))
        say(f"{key}: {json.dumps(answer)}")
        if len(answers) == KEYS:
            del answers[next(iter(answers))]
        answers[key] = answer
        return answer


def look_up(number):
    order = ORDERS.get(number.strip().upper())
    return {"success": True, "result": order} if order else no("Order not found")


def no(error):
    return {"success": False, "error": error}


def say(line):
    print(line, flush=True)


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30  # seconds that a connection may be silent
    disable_nagle_algorithm = True  # an answer leaves at once, not 40 ms later
    webhook: Webhook

    def do_POST(self):
        status, body = self.answer()
        body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer(self):
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > BODY_BYTES:
            self.close_connection = True  # The body is not read, so nothing can follow it.
            return 413, no("Too large, or of unknown length")
        raw = self.rfile.read(int(length))
        if self.path != "/deskhand/orders":
            return 404, no("Nothing here")
        try:
            # The signature is over the bytes as they came: verify first, then parse.
            call = self.webhook.verify(raw, dict(self.headers))
        except (WebhookVerificationError, ValueError) as error:
            # ValueError: a signature that is not even base64.
            say(f"refused: {error}")
            return 401, no("Bad signature")
        key = self.headers.get("idempotency-key")
        if not key:
            return 400, no("No idempotency key")
        if not isinstance(call, dict) or call.get("action") != "check_order_status":
            return 400, no("Not an action of this shop")
        return 200, once(key, call.get("parameters") or {})

    def log_message(self, format, *args):
        pass  # `once` says what happened.


def setting(name):
    return os.environ.get(name) or sys.exit(f"{name} is not set")


def main():
    Shop.webhook = Webhook(setting("WEBHOOK_SECRET"))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(setting("TLS_CERT_FILE"), setting("TLS_KEY_FILE"))
    host, _, port = os.environ.get("LISTEN", "127.0.0.1:8443").rpartition(":")
    server = ThreadingHTTPServer((host, int(port)), Shop)
    # The handshake is left to the connection's own thread: a slow one holds up nobody else.
    server.socket = tls.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    say(f"listening on https://{host}:{server.server_port}")
    server.serve_forever()


if __name__ == "__main__":
    main()
