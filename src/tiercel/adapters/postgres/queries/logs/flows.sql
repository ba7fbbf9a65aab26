-- The flows that lines may belong to, where a query names some.
SELECT f.key
FROM flows AS f
JOIN namespaces AS n ON n.key = f.namespace
JOIN tenants AS t ON t.key = f.tenant
WHERE t.name = $1 AND ($2::text IS NULL OR n.name = $2 OR starts_with(n.name, $2 || '.')) AND ($3::text IS NULL OR f.id = $3)
