-- What is said without having been asked, and what is known of an invocation after its turn is over.

-- Whether a message of the customer's began it.
ALTER TABLE turns ADD COLUMN asked BOOLEAN NOT NULL DEFAULT TRUE;
-- What it tells the customer of, if nothing they said began it.
ALTER TABLE turns ADD COLUMN about_invocation_id TEXT;

-- Statistics count what was asked.
DROP INDEX turns_statistics;
CREATE INDEX turns_statistics
    ON turns (workspace_id, started_at, agent_id, input_tokens, output_tokens, finished_at, test, asked)
    WHERE finished_at IS NOT NULL AND NOT test AND asked;

-- What the owner's system last reported of work under way.
ALTER TABLE invocations ADD COLUMN progress TEXT;
ALTER TABLE invocations ADD COLUMN progress_at BIGINT;
-- When its callback URL ends.
ALTER TABLE invocations ADD COLUMN expires_at BIGINT;
-- Who settled it after the call itself could not: 'operator', 'callback' or 'expiry'.
ALTER TABLE invocations ADD COLUMN settled_by TEXT;
ALTER TABLE invocations ADD COLUMN settled_note TEXT;
ALTER TABLE invocations ADD COLUMN settled_at BIGINT;
-- SHA-256 of the report that settled it, so that the same one may come again.
ALTER TABLE invocations ADD COLUMN report_hash TEXT;
-- What is waited for, in the order in which it is given up.
CREATE INDEX invocations_waiting ON invocations (expires_at) WHERE status = 'accepted';

-- By its URL's token, kept as SHA-256, the owner's system reports on an invocation. Several may stand
-- for one: each time a call is made ready makes another.
CREATE TABLE callbacks (
    workspace_id  TEXT   NOT NULL,
    hash          TEXT   NOT NULL UNIQUE,
    invocation_id TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, hash),
    FOREIGN KEY (workspace_id, invocation_id) REFERENCES invocations (workspace_id, id)
);
CREATE INDEX callbacks_invocation ON callbacks (workspace_id, invocation_id);
