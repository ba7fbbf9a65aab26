-- The live executions of the namespaces in a limit that is counted, by executions_live: read once after a start.
SELECT id, state, progress, cause_id FROM executions WHERE live AND namespace = ANY($1::int[]) AND kind <> $2 ORDER BY id
