-- How many flows match.
SELECT count(*)
FROM flows AS f
JOIN namespaces AS n ON n.key = f.namespace
JOIN tenants AS t ON t.key = f.tenant
WHERE NOT f.deleted AND {where}
