-- The latest revision of a path.
SELECT n.name AS namespace, f.path, f.revision, f.size, f.uri, f.created, f.updated
FROM tenants t JOIN namespaces n ON n.tenant = t.key JOIN namespace_files f ON f.namespace = n.key
WHERE t.name = $1 AND n.name = $2 AND f.path = $3
ORDER BY f.revision DESC LIMIT 1
