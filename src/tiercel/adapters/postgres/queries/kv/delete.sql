-- Forget a key with all its revisions, and say whether it was alive.
WITH gone AS (
  DELETE FROM kv USING namespaces n, tenants t
  WHERE t.name = $1 AND n.tenant = t.key AND n.name = $2 AND kv.namespace = n.key AND kv.key = $3
  RETURNING kv.revision, kv.expires
)
SELECT coalesce((SELECT expires IS NULL OR expires > $4 FROM gone ORDER BY revision DESC LIMIT 1), false)
