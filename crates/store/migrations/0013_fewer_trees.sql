-- Fewer trees to write to with every message and call.

-- What is in flight is found in the index of what is open, which holds little more.
DROP INDEX invocations_in_flight;

-- A contact is looked for by the id that the host site gave, or where it gave none by our own: each
-- conversation is found by one of them.
DROP INDEX conversations_contact;
CREATE INDEX conversations_contact ON conversations (workspace_id, contact_id, id)
    WHERE contact_id IS NOT NULL;
DROP INDEX conversations_own_contact;
CREATE INDEX conversations_own_contact ON conversations (workspace_id, own_contact_id, id)
    WHERE contact_id IS NULL;
