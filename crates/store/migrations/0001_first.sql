-- The SQL here means the same to SQLite and PostgreSQL: text, 64-bit numbers and booleans only.
-- Moments are milliseconds since 1970. Ids are text whose order is creation order. Hashes are
-- lower-case hexadecimal, ciphertexts base64.
--
-- Every key begins with the workspace, and so does every reference: a row cannot point into another
-- workspace, and a query that forgets the workspace has no index to use.

CREATE TABLE workspaces (
    id         TEXT   NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    -- The workspace's data key, wrapped by the master key.
    data_key   TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE agents (
    workspace_id TEXT    NOT NULL REFERENCES workspaces (id),
    id           TEXT    NOT NULL,
    definition   TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    updated_at   BIGINT  NOT NULL,
    deleted      BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (workspace_id, id)
);

CREATE TABLE api_keys (
    workspace_id TEXT   NOT NULL REFERENCES workspaces (id),
    id           TEXT   NOT NULL,
    hash         TEXT   NOT NULL UNIQUE,
    name         TEXT   NOT NULL,
    prefix       TEXT   NOT NULL,
    scope        TEXT   NOT NULL,
    agent_id     TEXT,
    expires_at   BIGINT,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, agent_id) REFERENCES agents (workspace_id, id)
);

CREATE TABLE actions (
    workspace_id TEXT    NOT NULL REFERENCES workspaces (id),
    id           TEXT    NOT NULL,
    -- The current one.
    version      BIGINT  NOT NULL,
    -- The current version's, kept here for the sake of the index below.
    name         TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    deleted      BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX actions_name ON actions (workspace_id, name) WHERE NOT deleted;

CREATE TABLE action_versions (
    workspace_id TEXT   NOT NULL,
    action_id    TEXT   NOT NULL,
    version      BIGINT NOT NULL,
    definition   TEXT   NOT NULL,
    -- The definition's, for settling what an interrupted call may have done.
    effect       TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, action_id, version),
    FOREIGN KEY (workspace_id, action_id) REFERENCES actions (workspace_id, id)
);

CREATE TABLE secrets (
    workspace_id TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    action_id    TEXT   NOT NULL,
    -- 'header' or 'signing'.
    kind         TEXT   NOT NULL,
    -- The header's, lower case; empty for a signing secret.
    name         TEXT   NOT NULL,
    -- Counts an action's signing secrets; the highest is the current one.
    seq          BIGINT NOT NULL,
    sealed       TEXT   NOT NULL,
    expires_at   BIGINT,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, action_id, kind, name, seq),
    FOREIGN KEY (workspace_id, action_id) REFERENCES actions (workspace_id, id)
);

CREATE TABLE agent_actions (
    workspace_id TEXT   NOT NULL,
    agent_id     TEXT   NOT NULL,
    action_id    TEXT   NOT NULL,
    position     BIGINT NOT NULL,
    attached_at  BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, agent_id, action_id),
    FOREIGN KEY (workspace_id, agent_id) REFERENCES agents (workspace_id, id),
    FOREIGN KEY (workspace_id, action_id) REFERENCES actions (workspace_id, id)
);
CREATE INDEX agent_actions_action ON agent_actions (workspace_id, action_id);

CREATE TABLE conversations (
    workspace_id   TEXT   NOT NULL,
    id             TEXT   NOT NULL,
    agent_id       TEXT   NOT NULL,
    own_contact_id TEXT   NOT NULL,
    -- The id the host site gave, for filtering; also inside contact.
    contact_id     TEXT,
    contact        TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, agent_id) REFERENCES agents (workspace_id, id)
);
CREATE INDEX conversations_agent ON conversations (workspace_id, agent_id, id);
CREATE INDEX conversations_contact ON conversations (workspace_id, contact_id, id);

CREATE TABLE turns (
    workspace_id    TEXT   NOT NULL,
    id              TEXT   NOT NULL,
    conversation_id TEXT   NOT NULL,
    -- Counts the turns of the conversation from 1: two may begin in the same millisecond.
    seq             BIGINT NOT NULL,
    status          TEXT   NOT NULL,
    stop_reason     TEXT,
    stop_detail     TEXT,
    model_calls     BIGINT NOT NULL DEFAULT 0,
    input_tokens    BIGINT,
    output_tokens   BIGINT,
    started_at      BIGINT NOT NULL,
    finished_at     BIGINT,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, conversation_id, seq),
    FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id)
);
-- One turn runs at a time in a conversation.
CREATE UNIQUE INDEX turns_running ON turns (workspace_id, conversation_id) WHERE status = 'running';

CREATE TABLE messages (
    workspace_id    TEXT   NOT NULL,
    id              TEXT   NOT NULL,
    turn_id         TEXT   NOT NULL,
    role            TEXT   NOT NULL,
    text            TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, turn_id) REFERENCES turns (workspace_id, id)
);
CREATE INDEX messages_turn ON messages (workspace_id, turn_id);

CREATE TABLE turn_steps (
    workspace_id TEXT   NOT NULL,
    turn_id      TEXT   NOT NULL,
    seq          BIGINT NOT NULL,
    step         TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, turn_id, seq),
    FOREIGN KEY (workspace_id, turn_id) REFERENCES turns (workspace_id, id)
);

CREATE TABLE invocations (
    workspace_id        TEXT    NOT NULL,
    id                  TEXT    NOT NULL,
    agent_id            TEXT,
    conversation_id     TEXT,
    turn_id             TEXT,
    -- Counts the invocations of the turn from 1: those of one answer share their millisecond.
    seq                 BIGINT  NOT NULL,
    action_id           TEXT    NOT NULL,
    action              TEXT    NOT NULL,
    action_version      BIGINT  NOT NULL,
    parameters          TEXT    NOT NULL,
    parameters_hash     TEXT    NOT NULL,
    provenance          TEXT    NOT NULL,
    call_id             TEXT,
    test                BOOLEAN NOT NULL,
    status              TEXT    NOT NULL,
    failure_code        TEXT,
    failure_message     TEXT,
    failure_http_status BIGINT,
    result              TEXT,
    error               TEXT,
    warnings            TEXT    NOT NULL,
    created_at          BIGINT  NOT NULL,
    sent_at             BIGINT,
    finished_at         BIGINT,
    duration_ms         BIGINT,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, agent_id) REFERENCES agents (workspace_id, id),
    FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id),
    FOREIGN KEY (workspace_id, turn_id) REFERENCES turns (workspace_id, id),
    FOREIGN KEY (workspace_id, action_id, action_version)
        REFERENCES action_versions (workspace_id, action_id, version)
);
-- The budget, and the list of one conversation.
CREATE INDEX invocations_conversation ON invocations (workspace_id, conversation_id, id);
CREATE INDEX invocations_turn ON invocations (workspace_id, turn_id, seq);
CREATE INDEX invocations_agent ON invocations (workspace_id, agent_id, id);
CREATE INDEX invocations_action ON invocations (workspace_id, action, id);
CREATE INDEX invocations_status ON invocations (workspace_id, status, id);
CREATE INDEX invocations_failure ON invocations (workspace_id, failure_code, id)
    WHERE failure_code IS NOT NULL;
-- An identical call that may still have an effect.
CREATE INDEX invocations_open ON invocations (workspace_id, conversation_id, action_id, parameters_hash)
    WHERE status IN ('intended', 'sending', 'unknown', 'accepted');
-- What a stopped server left behind.
CREATE INDEX invocations_in_flight ON invocations (status)
    WHERE status IN ('intended', 'sending');

CREATE TABLE attempts (
    workspace_id  TEXT   NOT NULL,
    invocation_id TEXT   NOT NULL,
    id            TEXT   NOT NULL,
    number        BIGINT NOT NULL,
    started_at    BIGINT NOT NULL,
    request       TEXT   NOT NULL,
    response      TEXT,
    timings       TEXT   NOT NULL,
    failure       TEXT,
    PRIMARY KEY (workspace_id, invocation_id, id),
    FOREIGN KEY (workspace_id, invocation_id) REFERENCES invocations (workspace_id, id)
);
