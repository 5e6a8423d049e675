-- People who sign in. An email address belongs to one account on the whole server: it is what one
-- signs in with, before a workspace is known. Tokens are kept as SHA-256, passwords as Argon2id.

CREATE TABLE users (
    workspace_id  TEXT   NOT NULL REFERENCES workspaces (id),
    id            TEXT   NOT NULL,
    email         TEXT   NOT NULL,
    -- What all spellings of the address have in common.
    email_key     TEXT   NOT NULL UNIQUE,
    name          TEXT   NOT NULL,
    password_hash TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    last_seen_at  BIGINT,
    PRIMARY KEY (workspace_id, id)
);

CREATE TABLE sessions (
    workspace_id TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    user_id      TEXT   NOT NULL,
    hash         TEXT   NOT NULL UNIQUE,
    user_agent   TEXT,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, user_id) REFERENCES users (workspace_id, id)
);
CREATE INDEX sessions_user ON sessions (workspace_id, user_id, id);

CREATE TABLE sign_in_links (
    workspace_id TEXT   NOT NULL,
    hash         TEXT   NOT NULL UNIQUE,
    user_id      TEXT   NOT NULL,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, hash),
    FOREIGN KEY (workspace_id, user_id) REFERENCES users (workspace_id, id)
);

CREATE TABLE invitations (
    workspace_id TEXT   NOT NULL REFERENCES workspaces (id),
    id           TEXT   NOT NULL,
    hash         TEXT   NOT NULL UNIQUE,
    email        TEXT   NOT NULL,
    email_key    TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, email_key)
);

-- The one link with which the first account is made; it belongs to no workspace yet.
CREATE TABLE setup_tokens (
    hash       TEXT   NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
