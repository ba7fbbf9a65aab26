-- A new revision of a key.
INSERT INTO kv (namespace, key, revision, type, value, description, created, updated, expires)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
