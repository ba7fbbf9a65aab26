-- Write anew what is said of a secret, and answer whether there is one.
WITH changed AS (
  UPDATE secrets s
  SET description = coalesce($4, s.description), tags = coalesce($5::bytea, s.tags), updated = $6
  FROM namespaces n, tenants t
  WHERE t.name = $1 AND n.tenant = t.key AND n.name = $2 AND s.namespace = n.key AND s.key = $3
  RETURNING s.key
)
SELECT EXISTS (SELECT FROM changed)
