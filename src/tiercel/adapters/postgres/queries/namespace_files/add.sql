-- A new revision of a path.
INSERT INTO namespace_files (namespace, path, revision, size, uri, created, updated)
SELECT $1, $2, coalesce(max(revision), 0) + 1, $3, $4, coalesce(min(created), $5), $5
FROM namespace_files WHERE namespace = $1 AND path = $2
RETURNING revision, created
