-- A page of the latest revisions by namespace and key, after a given place.
SELECT n.name AS namespace, e.key, e.revision, e.type, e.value, e.description, e.created, e.updated, e.expires
FROM tenants t
JOIN namespaces n ON n.tenant = t.key AND ($2::text IS NULL OR n.name = $2)
CROSS JOIN LATERAL (
  SELECT DISTINCT ON (k.key) k.* FROM kv k
  WHERE k.namespace = n.key AND starts_with(k.key, $3)
  ORDER BY k.key, k.revision DESC
) e
WHERE t.name = $1 AND ($5 OR e.expires IS NULL OR e.expires > $4) AND (n.name, e.key) > ($6::text, $7::text)
ORDER BY n.name, e.key LIMIT $8
