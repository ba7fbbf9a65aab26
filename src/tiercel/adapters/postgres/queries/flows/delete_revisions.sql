-- Forget revisions other than the latest.
WITH gone AS (
  DELETE FROM flow_revisions AS r
  USING flows AS f, namespaces AS n, tenants AS t
  WHERE f.key = r.flow AND n.key = f.namespace AND t.key = f.tenant
    AND t.name = $1 AND n.name = $2 AND f.id = $3 AND r.revision = ANY($4::int[]) AND r.revision <> f.revision
  RETURNING 1
)
SELECT count(*) FROM gone
