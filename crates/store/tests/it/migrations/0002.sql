-- A second turn, with its tokens counted.
INSERT INTO turns (workspace_id, id, conversation_id, seq, status, stop_reason, stop_detail, model_calls, input_tokens, output_tokens, started_at, finished_at)
    VALUES ('ws_01m3250v00e5qse7zsrh51tneh', 'turn_01m3250v13fs5txh7mt2qnkrez', 'conv_01m3250v02etftj0ygmjfztvy1', 2, 'completed', NULL, NULL, 2, 900, 30, 1790000001004, 1790000001024);
INSERT INTO messages (workspace_id, id, turn_id, role, text, created_at)
    VALUES ('ws_01m3250v00e5qse7zsrh51tneh', 'msg_01m3250v14fc5938k5c8nvqdrt', 'turn_01m3250v13fs5txh7mt2qnkrez', 'customer', 'And now?', 1790000001004);
