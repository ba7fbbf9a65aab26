-- Write a secret and tell every process; what is not said of it stays as it is.
WITH told AS (SELECT pg_notify('secrets', '')),
written AS (
  INSERT INTO secrets AS s (namespace, key, value, description, tags, updated)
  VALUES ($1, $2, $3, $4, coalesce($5::bytea, '[]'), $6)
  ON CONFLICT (namespace, key) DO UPDATE
  SET value = excluded.value, description = coalesce($4, s.description), tags = coalesce($5::bytea, s.tags), updated = $6
)
SELECT FROM told
