-- The latest revision of each template that is not deleted, of one tenant or (NULL) of all.
SELECT t.name AS tenant, n.name AS namespace, e.id, e.revision, e.source, e.deleted, e.updated
FROM (SELECT DISTINCT ON (namespace, id) * FROM templates ORDER BY namespace, id, revision DESC) AS e
JOIN namespaces AS n ON n.key = e.namespace
JOIN tenants AS t ON t.key = n.tenant
WHERE NOT e.deleted AND ($1::text IS NULL OR t.name = $1)
ORDER BY t.name, n.name COLLATE "C", e.id
