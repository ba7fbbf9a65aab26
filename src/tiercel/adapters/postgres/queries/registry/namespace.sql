-- The number of a namespace; it gets one when it has none.
WITH made AS (
  INSERT INTO namespaces (tenant, name)
  SELECT $1::int2, $2::text WHERE NOT EXISTS (SELECT FROM namespaces WHERE tenant = $1 AND name = $2)
  ON CONFLICT (tenant, name) DO UPDATE SET name = excluded.name
  RETURNING key
)
SELECT key FROM made UNION ALL SELECT key FROM namespaces WHERE tenant = $1 AND name = $2 LIMIT 1
