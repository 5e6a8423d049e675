-- Counts the changes of a workspace's agents and actions, so that what was read of them once can be kept
-- until it has changed.
ALTER TABLE workspaces ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
