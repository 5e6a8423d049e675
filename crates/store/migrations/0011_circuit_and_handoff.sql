-- The circuit breakers of actions, and conversations that have been handed to a person.

-- Of actions whose circuit has been opened at least once.
CREATE TABLE circuits (
    workspace_id TEXT   NOT NULL,
    action_id    TEXT   NOT NULL,
    -- Counts the changes; each names the one that it follows, so that of two that race one finds nothing.
    generation   BIGINT NOT NULL,
    -- All of these are null while it is closed.
    reason       TEXT,
    opened_at    BIGINT,
    retry_at     BIGINT,
    -- The one call that is going through to see, and until when it is waited for.
    probe_id     TEXT,
    probe_until  BIGINT,
    PRIMARY KEY (workspace_id, action_id),
    FOREIGN KEY (workspace_id, action_id) REFERENCES actions (workspace_id, id)
);

-- Both are null unless a person is asked for.
ALTER TABLE conversations ADD COLUMN handoff_reason TEXT;
ALTER TABLE conversations ADD COLUMN handoff_at BIGINT;
CREATE INDEX conversations_handoff ON conversations (workspace_id, id)
    WHERE handoff_at IS NOT NULL;
