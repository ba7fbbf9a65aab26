-- Executions that are over, for their deletion: who is live is left alone.
SELECT e.id, e.tenant, e.labels
FROM executions AS e
JOIN tenants AS t ON t.key = e.tenant
WHERE e.id = ANY($2::text[]) AND NOT e.live AND t.name = $1
FOR UPDATE OF e
