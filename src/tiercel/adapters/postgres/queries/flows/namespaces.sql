-- Namespaces that hold flows which are not deleted, and how many.
SELECT n.name, count(*) AS flows
FROM flows AS f
JOIN namespaces AS n ON n.key = f.namespace
JOIN tenants AS t ON t.key = f.tenant
WHERE t.name = $1 AND NOT f.deleted
GROUP BY n.name
