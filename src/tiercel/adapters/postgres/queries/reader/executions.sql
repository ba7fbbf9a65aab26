-- Executions by id with the names their numbers stand for, by the primary key.
SELECT e.*, t.name AS tenant_name, n.name AS namespace_name, f.id AS flow_id
FROM executions AS e
JOIN flows AS f ON f.key = e.flow
JOIN namespaces AS n ON n.key = e.namespace
JOIN tenants AS t ON t.key = e.tenant
WHERE e.id = ANY($2::text[]) AND t.name = $1
