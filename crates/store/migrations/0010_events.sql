-- Events: what other systems are told, where it goes, and how it got there.

CREATE TABLE event_endpoints (
    workspace_id    TEXT    NOT NULL REFERENCES workspaces (id),
    id              TEXT    NOT NULL,
    url             TEXT    NOT NULL,
    -- A JSON list; null for all.
    types           TEXT,
    description     TEXT    NOT NULL,
    enabled         BOOLEAN NOT NULL,
    disabled_reason TEXT,
    disabled_detail TEXT,
    disabled_at     BIGINT,
    -- The first failure since the last success.
    failing_since   BIGINT,
    created_at      BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL,
    deleted         BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (workspace_id, id)
);
-- Who is to be told, asked with everything that happens.
CREATE INDEX event_endpoints_enabled ON event_endpoints (workspace_id, id) WHERE enabled;

CREATE TABLE event_secrets (
    workspace_id TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    endpoint_id  TEXT   NOT NULL,
    -- Counts an endpoint's secrets; the highest is the current one.
    seq          BIGINT NOT NULL,
    sealed       TEXT   NOT NULL,
    expires_at   BIGINT,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, endpoint_id, seq),
    FOREIGN KEY (workspace_id, endpoint_id) REFERENCES event_endpoints (workspace_id, id)
);

CREATE TABLE events (
    workspace_id TEXT   NOT NULL REFERENCES workspaces (id),
    id           TEXT   NOT NULL,
    type         TEXT   NOT NULL,
    -- The body, byte for byte as it is signed and sent.
    body         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
-- What is to be forgotten.
CREATE INDEX events_created ON events (created_at);

CREATE TABLE deliveries (
    workspace_id    TEXT   NOT NULL,
    id              TEXT   NOT NULL,
    endpoint_id     TEXT   NOT NULL,
    event_id        TEXT   NOT NULL,
    type            TEXT   NOT NULL,
    status          TEXT   NOT NULL,
    attempts_made   BIGINT NOT NULL,
    next_attempt_at BIGINT,
    -- Whoever makes the next attempt, and until when nobody else may.
    claimed_by      TEXT,
    claimed_until   BIGINT,
    http_status     BIGINT,
    last_error      TEXT,
    created_at      BIGINT NOT NULL,
    finished_at     BIGINT,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, endpoint_id) REFERENCES event_endpoints (workspace_id, id),
    FOREIGN KEY (workspace_id, event_id) REFERENCES events (workspace_id, id)
);
CREATE INDEX deliveries_endpoint ON deliveries (workspace_id, endpoint_id, id);
CREATE INDEX deliveries_status ON deliveries (workspace_id, endpoint_id, status, id);
CREATE INDEX deliveries_event ON deliveries (workspace_id, event_id);
-- Whether anything is due, of an endpoint or at all.
CREATE INDEX deliveries_waiting ON deliveries (workspace_id, endpoint_id, next_attempt_at)
    WHERE status = 'pending';
CREATE INDEX deliveries_due ON deliveries (next_attempt_at) WHERE status = 'pending';
-- What is to be forgotten.
CREATE INDEX deliveries_created ON deliveries (created_at);

CREATE TABLE delivery_attempts (
    workspace_id TEXT   NOT NULL,
    delivery_id  TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    number       BIGINT NOT NULL,
    started_at   BIGINT NOT NULL,
    request      TEXT   NOT NULL,
    response     TEXT,
    timings      TEXT   NOT NULL,
    failure      TEXT,
    PRIMARY KEY (workspace_id, delivery_id, id),
    FOREIGN KEY (workspace_id, delivery_id) REFERENCES deliveries (workspace_id, id)
);
