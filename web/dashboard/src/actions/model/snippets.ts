// How an endpoint verifies a call, in five languages, with the Standard Webhooks libraries.

/** One language. */
export interface Snippet {
  language: string;
  /** How the library is had. */
  install: string;
  code: string;
}

/** The snippets for an action that calls this URL. The secret itself is never in them. */
export function snippets(url: string): Snippet[] {
  const path = pathOf(url);
  return [
    { language: 'Node', install: 'npm install standardwebhooks express', code: node(path) },
    { language: 'Python', install: 'pip install standardwebhooks flask', code: python(path) },
    {
      language: 'Go',
      install: 'go get github.com/standard-webhooks/standard-webhooks/libraries',
      code: go(path),
    },
    {
      language: 'Rust',
      install: 'cargo add standardwebhooks axum serde_json\ncargo add tokio --features rt-multi-thread,macros,net',
      code: rust(path),
    },
    { language: 'PHP', install: 'composer require standard-webhooks/standard-webhooks', code: php() },
  ];
}

/** The path of a URL, if it is safe to stand inside a program's string literal. */
function pathOf(url: string): string {
  try {
    const path = new URL(url).pathname;
    return /^[\w\-./~%]+$/.test(path) ? path : '/deskhand';
  } catch {
    return '/deskhand';
  }
}

function node(path: string): string {
  return `import express from "express";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.WEBHOOK_SECRET);
const app = express();

// The signature is over the bytes as they came, so the body stays raw.
app.post("${path}", express.raw({ type: "*/*", limit: "256kb" }), (request, response) => {
  let call;
  try {
    call = webhook.verify(request.body, request.headers);
  } catch {
    return response.status(401).json({ success: false, error: "Bad signature" });
  }
  response.json({ success: true, result: { received: call.parameters } });
});

app.listen(8080);
`;
}

function python(path: string): string {
  return `import os

from flask import Flask, request
from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook(os.environ["WEBHOOK_SECRET"])
app = Flask(__name__)


@app.post("${path}")
def answer():
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        # The signature is over the bytes as they came.
        call = webhook.verify(request.get_data(), headers)
    except (WebhookVerificationError, ValueError):
        return {"success": False, "error": "Bad signature"}, 401
    return {"success": True, "result": {"received": call["parameters"]}}
`;
}

function go(path: string): string {
  return `package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func main() {
	webhook, err := standardwebhooks.NewWebhook(os.Getenv("WEBHOOK_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("${path}", func(w http.ResponseWriter, r *http.Request) {
		// The signature is over the bytes as they came.
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 256<<10))
		if err != nil || webhook.Verify(body, r.Header) != nil {
			http.Error(w, "bad signature", http.StatusUnauthorized)
			return
		}
		var call struct {
			Parameters map[string]any \`json:"parameters"\`
		}
		if err := json.Unmarshal(body, &call); err != nil {
			http.Error(w, "bad body", http.StatusBadRequest)
			return
		}
		w.Header().Set("content-type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"success": true, "result": call.Parameters})
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
`;
}

function rust(path: string): string {
  return `use std::sync::Arc;

use axum::{Json, Router, body::Bytes, extract::State, http::{HeaderMap, StatusCode}, routing::post};
use serde_json::{Value, json};
use standardwebhooks::Webhook;

async fn answer(
    State(webhook): State<Arc<Webhook>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, StatusCode> {
    // The signature is over the bytes as they came.
    webhook.verify(&body, &headers).map_err(|_| StatusCode::UNAUTHORIZED)?;
    let call: Value = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    Ok(Json(json!({"success": true, "result": {"received": call["parameters"]}})))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let webhook = Webhook::new(&std::env::var("WEBHOOK_SECRET")?)?;
    let app = Router::new().route("${path}", post(answer)).with_state(Arc::new(webhook));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    Ok(axum::serve(listener, app).await?)
}
`;
}

function php(): string {
  return `<?php
require __DIR__ . '/vendor/autoload.php';

use StandardWebhooks\\Exception\\WebhookVerificationException;
use StandardWebhooks\\Webhook;

header('content-type: application/json');
$webhook = new Webhook(getenv('WEBHOOK_SECRET'));
$headers = array_change_key_case(getallheaders(), CASE_LOWER);
try {
    // The signature is over the bytes as they came.
    $call = $webhook->verify(file_get_contents('php://input'), $headers);
} catch (WebhookVerificationException $error) {
    http_response_code(401);
    exit(json_encode(['success' => false, 'error' => 'Bad signature']));
}
echo json_encode(['success' => true, 'result' => ['received' => $call['parameters']]]);
`;
}
