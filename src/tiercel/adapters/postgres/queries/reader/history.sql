-- A page of an execution's history, by the primary key.
SELECT execution_id, seq, at, body FROM events WHERE execution_id = $1 AND seq > $2 ORDER BY seq LIMIT $3
