-- A revision of a template, or (NULL) its latest one, by the primary key.
SELECT t.name AS tenant, n.name AS namespace, e.id, e.revision, e.source, e.deleted, e.updated
FROM tenants AS t
JOIN namespaces AS n ON n.tenant = t.key
JOIN templates AS e ON e.namespace = n.key
WHERE t.name = $1 AND n.name = $2 AND e.id = $3 AND ($4::int IS NULL OR e.revision = $4)
ORDER BY e.revision DESC LIMIT 1
