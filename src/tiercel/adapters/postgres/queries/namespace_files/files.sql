-- A page of the latest revisions by namespace and path, after a given place.
SELECT n.name AS namespace, f.path, f.revision, f.size, f.uri, f.created, f.updated
FROM tenants t
JOIN namespaces n ON n.tenant = t.key AND ($2::text IS NULL OR n.name = $2)
CROSS JOIN LATERAL (
  SELECT DISTINCT ON (path) * FROM namespace_files
  WHERE namespace = n.key AND starts_with(path, $3)
  ORDER BY path, revision DESC
) f
WHERE t.name = $1 AND (n.name, f.path) > ($4::text, $5::text)
ORDER BY n.name, f.path LIMIT $6
