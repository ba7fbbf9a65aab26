-- The latest revision of a template, deleted or not, by the primary key.
SELECT id, revision, source, deleted, updated FROM templates WHERE namespace = $1 AND id = $2
ORDER BY revision DESC LIMIT 1
