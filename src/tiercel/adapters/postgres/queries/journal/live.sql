-- The live executions of a flow whose limit is counted anew, by executions_live: read once after a start.
SELECT id, state, progress, cause_id FROM executions WHERE live AND flow = $1 AND kind <> $2 ORDER BY id
