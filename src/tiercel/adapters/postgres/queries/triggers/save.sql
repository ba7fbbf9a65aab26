-- The triggers of a flow as they are defined now; another definition begins anew, but what people switched off stays off.
-- A flow that was disabled until now goes on with the next date, as if nothing had been missed. Streams begin anew with
-- every revision: what else of the flow they show may have changed.
WITH before AS (
  SELECT v.disabled AND NOT f.disabled AS is_enabled
  FROM flows AS f
  JOIN flow_revisions AS v ON v.flow = f.key AND v.revision < f.revision AND NOT v.draft
  WHERE f.key = $1
  ORDER BY v.revision DESC
  LIMIT 1
)
INSERT INTO triggers AS r (flow, trigger_id, kind, shard, definition, next_at, updated)
SELECT $1::int, t.trigger_id, t.kind, t.shard, t.definition, t.next_at, $7::timestamptz
FROM unnest($2::text[], $3::text[], $4::int2[], $5::bytea[], $6::timestamptz[])
  AS t (trigger_id, kind, shard, definition, next_at)
ON CONFLICT (flow, trigger_id) DO UPDATE
SET kind = excluded.kind, definition = excluded.definition, next_at = excluded.next_at, backfill = NULL,
  record = CASE WHEN r.definition = excluded.definition THEN r.record ELSE '{}' END,
  execution_id = CASE WHEN r.definition = excluded.definition THEN r.execution_id END,
  version = r.version + 1, updated = excluded.updated
WHERE r.definition <> excluded.definition
  OR r.kind = 'REALTIME'
  OR (r.backfill IS NULL AND (SELECT is_enabled FROM before))
RETURNING key
