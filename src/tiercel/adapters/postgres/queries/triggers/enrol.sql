-- States that a flow lacks.
INSERT INTO triggers (flow, trigger_id, kind, shard, definition, next_at, updated)
SELECT $1::int, t.trigger_id, t.kind, t.shard, t.definition, t.next_at, $7::timestamptz
FROM unnest($2::text[], $3::text[], $4::int2[], $5::bytea[], $6::timestamptz[])
  AS t (trigger_id, kind, shard, definition, next_at)
ON CONFLICT (flow, trigger_id) DO NOTHING
RETURNING key
