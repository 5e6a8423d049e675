-- Whether the work of a running claim has stored anything yet: set in the very transaction that stores
-- it. Where the server dies after that, the work must not be done again.
ALTER TABLE idempotency_keys ADD COLUMN worked BOOLEAN NOT NULL DEFAULT FALSE;
