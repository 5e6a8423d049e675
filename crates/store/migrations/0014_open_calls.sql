-- SQLite makes a table of a list that is longer than two, each time it looks whether a row belongs into an
-- index: here with every call that began or ended. An OR it just works out.
DROP INDEX invocations_open;
CREATE INDEX invocations_open ON invocations (workspace_id, conversation_id, action_id, parameters_hash)
    WHERE status = 'intended' OR status = 'sending' OR status = 'unknown' OR status = 'accepted';
