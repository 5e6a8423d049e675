-- What an owner reads of the work done: trials told from the real thing, what happened inside a turn,
-- and indexes that the statistics are read off. Each index takes a row in once, when it is finished.

-- 'live', 'test' or 'mock'.
ALTER TABLE conversations ADD COLUMN mode TEXT NOT NULL DEFAULT 'live';

-- The conversation's, kept here for the sake of the indexes below.
ALTER TABLE turns ADD COLUMN agent_id TEXT;
ALTER TABLE turns ADD COLUMN test BOOLEAN NOT NULL DEFAULT FALSE;
-- Why the customer's question stayed open, if it did.
ALTER TABLE turns ADD COLUMN unanswered TEXT;
-- What happened in it, as a JSON array.
ALTER TABLE turns ADD COLUMN trace TEXT;

UPDATE turns SET unanswered = stop_reason, agent_id = (
    SELECT c.agent_id FROM conversations c
    WHERE c.workspace_id = turns.workspace_id AND c.id = turns.conversation_id);

CREATE INDEX turns_statistics
    ON turns (workspace_id, started_at, agent_id, input_tokens, output_tokens, finished_at, test)
    WHERE finished_at IS NOT NULL AND NOT test;
CREATE INDEX turns_unanswered ON turns (workspace_id, started_at, agent_id)
    WHERE unanswered IS NOT NULL AND NOT test;

CREATE INDEX invocations_statistics
    ON invocations (workspace_id, created_at, action_id, action_version, status, duration_ms, agent_id,
        finished_at, test)
    WHERE finished_at IS NOT NULL AND NOT test;
-- The last failure of an action.
CREATE INDEX invocations_failures ON invocations (workspace_id, action_id, id)
    WHERE status IN ('failed', 'unknown') AND NOT test;
