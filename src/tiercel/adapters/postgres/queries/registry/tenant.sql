-- The number of a tenant; it gets one when it has none.
WITH made AS (
  INSERT INTO tenants (name) SELECT $1::text WHERE NOT EXISTS (SELECT FROM tenants WHERE name = $1)
  ON CONFLICT (name) DO UPDATE SET name = excluded.name
  RETURNING key
)
SELECT key FROM made UNION ALL SELECT key FROM tenants WHERE name = $1 LIMIT 1
