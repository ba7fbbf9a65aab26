-- Live executions that others started, by executions_cause.
SELECT id FROM executions WHERE cause_id = ANY($1::text[]) AND live ORDER BY id
