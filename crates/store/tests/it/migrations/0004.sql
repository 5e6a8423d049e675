-- Somebody with an account, signed in, who has invited a colleague.
INSERT INTO users (workspace_id, id, email, email_key, name, password_hash, created_at, last_seen_at)
    VALUES ('ws_01m3250v00e5qse7zsrh51tneh', 'usr_01m3250v00ff2vbjhxg3tvhwpw', 'Ada@example.com', 'ada@example.com', 'Ada', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA', 1790000002000, NULL);
INSERT INTO sessions (workspace_id, id, user_id, hash, user_agent, created_at, last_used_at, expires_at)
    VALUES ('ws_01m3250v00e5qse7zsrh51tneh', 'ses_01m3250v00ff2vbjhxg3tvhwpw', 'usr_01m3250v00ff2vbjhxg3tvhwpw', '0606060606060606060606060606060606060606060606060606060606060606', NULL, 1790000002000, 1790000002000, 1790000003000);
INSERT INTO invitations (workspace_id, id, hash, email, email_key, created_at, expires_at)
    VALUES ('ws_01m3250v00e5qse7zsrh51tneh', 'ivt_01m3250v00ff2vbjhxg3tvhwpw', '0707070707070707070707070707070707070707070707070707070707070707', 'bob@example.com', 'bob@example.com', 1790000002000, 1790000003000);
