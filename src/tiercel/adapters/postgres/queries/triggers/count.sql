-- How many states of triggers match.
SELECT count(*)
FROM triggers AS r
JOIN flows AS f ON f.key = r.flow
JOIN namespaces AS n ON n.key = f.namespace
JOIN tenants AS t ON t.key = f.tenant
WHERE {where}
