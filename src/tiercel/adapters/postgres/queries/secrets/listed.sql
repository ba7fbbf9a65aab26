-- What is said of the secrets of some namespaces, or of all, whose key contains a text.
SELECT n.name AS namespace, s.key, s.description, s.tags, s.updated
FROM tenants t
JOIN namespaces n ON n.tenant = t.key AND ($2::text[] IS NULL OR n.name = ANY ($2))
JOIN secrets s ON s.namespace = n.key
WHERE t.name = $1 AND strpos(lower(s.key), lower($3)) > 0
ORDER BY n.name COLLATE "C", s.key
