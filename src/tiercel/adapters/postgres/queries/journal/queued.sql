-- Live executions that wait for a slot, by executions_unusual: read once at a start.
SELECT * FROM executions WHERE live AND state = $1 AND state <> 9 ORDER BY id
