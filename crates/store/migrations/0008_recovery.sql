-- Who runs what. A node is one run of a server process; it has a lease that it renews. What belongs to a
-- node without a lease, or to none, is taken over by another one.
CREATE TABLE nodes (
    id          TEXT   NOT NULL PRIMARY KEY,
    started_at  BIGINT NOT NULL,
    lease_until BIGINT NOT NULL
);

-- The node that runs it: only its writes count. Null: handed over, or from before there were nodes.
ALTER TABLE turns ADD COLUMN owner TEXT;
-- How often another node, or a later run, has gone on with it.
ALTER TABLE turns ADD COLUMN taken_over BIGINT NOT NULL DEFAULT 0;
ALTER TABLE invocations ADD COLUMN owner TEXT;
-- The node that does the work that the key stands for.
ALTER TABLE idempotency_keys ADD COLUMN owner TEXT;
CREATE INDEX idempotency_keys_turn ON idempotency_keys (workspace_id, turn_id)
    WHERE turn_id IS NOT NULL;
