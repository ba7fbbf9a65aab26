-- The number of a flow; one that was never stored gets a row that says it is deleted.
WITH made AS (
  INSERT INTO flows (tenant, namespace, id, revision, disabled, deleted, labels, updated)
  SELECT $1::int2, $2::int, $3::text, 0, false, true, '{}', now()
  WHERE NOT EXISTS (SELECT FROM flows WHERE tenant = $1 AND namespace = $2 AND id = $3)
  ON CONFLICT (tenant, namespace, id) DO UPDATE SET id = excluded.id
  RETURNING key
)
SELECT key FROM made UNION ALL SELECT key FROM flows WHERE tenant = $1 AND namespace = $2 AND id = $3 LIMIT 1
