-- Forget a secret, tell every process, and answer whether there was one.
WITH told AS (SELECT pg_notify('secrets', '')),
gone AS (
  DELETE FROM secrets s USING namespaces n, tenants t
  WHERE t.name = $1 AND n.tenant = t.key AND n.name = $2 AND s.namespace = n.key AND s.key = $3
  RETURNING s.key
)
SELECT EXISTS (SELECT FROM gone) FROM told
