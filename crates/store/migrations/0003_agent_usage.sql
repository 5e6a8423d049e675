-- What the models of an agent have read and written on a day, for its `daily_token_budget`. Counted
-- where a turn ends, so that no budget has to add up a day's turns.

CREATE TABLE agent_usage (
    workspace_id TEXT   NOT NULL,
    agent_id     TEXT   NOT NULL,
    -- Days since 1970, in UTC.
    day          BIGINT NOT NULL,
    tokens       BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, agent_id, day),
    FOREIGN KEY (workspace_id, agent_id) REFERENCES agents (workspace_id, id)
);

INSERT INTO agent_usage (workspace_id, agent_id, day, tokens)
SELECT t.workspace_id, c.agent_id, t.finished_at / 86400000,
       SUM(t.input_tokens + t.output_tokens)
FROM turns t
JOIN conversations c ON c.workspace_id = t.workspace_id AND c.id = t.conversation_id
WHERE t.finished_at IS NOT NULL AND t.input_tokens IS NOT NULL AND t.output_tokens IS NOT NULL
GROUP BY t.workspace_id, c.agent_id, t.finished_at / 86400000;
