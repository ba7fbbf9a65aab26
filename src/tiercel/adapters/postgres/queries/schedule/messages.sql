-- Letters to the owners of the executions just created: let them begin.
INSERT INTO messages (shard, kind, target, body)
SELECT t.shard, t.kind, t.target, t.body
FROM unnest($1::int2[], $2::int2[], $3::text[], $4::bytea[]) AS t (shard, kind, target, body)
WHERE t.target IN (SELECT id FROM _executions)
RETURNING shard
