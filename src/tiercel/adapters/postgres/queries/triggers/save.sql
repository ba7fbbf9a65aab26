-- The triggers of a flow as they are defined now; another definition begins anew, but what people switched off stays off.
INSERT INTO triggers AS r (flow, trigger_id, kind, shard, definition, next_at, updated)
SELECT $1::int, t.trigger_id, t.kind, t.shard, t.definition, t.next_at, $7::timestamptz
FROM unnest($2::text[], $3::text[], $4::int2[], $5::bytea[], $6::timestamptz[])
  AS t (trigger_id, kind, shard, definition, next_at)
ON CONFLICT (flow, trigger_id) DO UPDATE
SET kind = excluded.kind, definition = excluded.definition, next_at = excluded.next_at, backfill = NULL, record = '{}',
  execution_id = NULL, version = r.version + 1, updated = excluded.updated
WHERE r.definition <> excluded.definition
RETURNING key
