-- The same message to every live execution that these started, by executions_cause; 0 is the kind of an event.
INSERT INTO messages (shard, kind, target, body)
SELECT e.shard, 0, e.id, t.body
FROM unnest($1::text[], $2::bytea[]) AS t (cause_id, body)
JOIN executions e ON e.cause_id = t.cause_id
WHERE e.live
RETURNING shard
