-- What clients' Idempotency-Keys stand for (draft-ietf-httpapi-idempotency-key-header). A row is made
-- before the work begins and keeps the answer for as long as the key is remembered.

CREATE TABLE idempotency_keys (
    workspace_id    TEXT   NOT NULL REFERENCES workspaces (id),
    -- Method and path; the same key on another route is another key.
    route           TEXT   NOT NULL,
    client_key      TEXT   NOT NULL,
    -- Names this use of the key, so that one that was forgotten does not settle a later one.
    id              TEXT   NOT NULL,
    body_hash       TEXT   NOT NULL,
    -- 'running', 'stored', or 'broken': the work ended without an answer, but its turn has a reply.
    state           TEXT   NOT NULL,
    -- The turn that the work has begun, if it is a chat.
    conversation_id TEXT,
    turn_id         TEXT,
    -- The answer; it may hold secrets, so its body is sealed.
    status          BIGINT,
    sealed          TEXT,
    -- Counts while the row is not running.
    expires_at      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, route, client_key),
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, turn_id) REFERENCES turns (workspace_id, id)
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (workspace_id, expires_at);
CREATE INDEX idempotency_keys_running ON idempotency_keys (state) WHERE state = 'running';
