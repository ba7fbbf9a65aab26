-- Delete old revisions of a key: those written before an instant, or all but the newest few. The latest stays.
WITH placed AS (
  SELECT k.namespace, k.key, k.revision, k.updated, row_number() OVER (ORDER BY k.revision DESC) AS place
  FROM kv k JOIN namespaces n ON n.key = k.namespace JOIN tenants t ON t.key = n.tenant
  WHERE t.name = $1 AND n.name = $2 AND k.key = $3
), gone AS (
  DELETE FROM kv USING placed p
  WHERE (kv.namespace, kv.key, kv.revision) = (p.namespace, p.key, p.revision)
    AND p.place > 1 AND CASE WHEN $5::int IS NULL THEN p.updated < $4 ELSE p.place > $5 END
  RETURNING 1
)
SELECT count(*) FROM gone
