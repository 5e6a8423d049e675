-- The widget: how it looks, from where it may be used, and the secret by which the owner's pages prove
-- who their customers are.

CREATE TABLE agent_widgets (
    workspace_id TEXT   NOT NULL,
    agent_id     TEXT   NOT NULL,
    settings     TEXT   NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, agent_id),
    FOREIGN KEY (workspace_id, agent_id) REFERENCES agents (workspace_id, id)
);
-- A page with the widget names the agent and nothing else.
CREATE UNIQUE INDEX agent_widgets_agent ON agent_widgets (agent_id);

CREATE TABLE widget_origins (
    workspace_id TEXT   NOT NULL REFERENCES workspaces (id),
    origin       TEXT   NOT NULL,
    -- The owner's order.
    position     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, origin)
);
-- A browser asks whether an origin may ask at all before it says whom.
CREATE INDEX widget_origins_origin ON widget_origins (origin);

CREATE TABLE identity_secrets (
    workspace_id TEXT   NOT NULL REFERENCES workspaces (id),
    id           TEXT   NOT NULL,
    sealed       TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    -- Of one that has been replaced; the current one has no end.
    expires_at   BIGINT,
    PRIMARY KEY (workspace_id, id)
);

-- Whether the contact was proven with the last message.
ALTER TABLE conversations ADD COLUMN contact_verified BOOLEAN NOT NULL DEFAULT FALSE;
-- The conversations of a visitor whom the host site has not named.
CREATE INDEX conversations_own_contact ON conversations (workspace_id, own_contact_id, id);
