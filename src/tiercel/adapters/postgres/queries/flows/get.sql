-- One revision of a flow, or the latest that is no draft; a flow of drafts only shows its latest.
SELECT f.tenant AS tenant_key, f.namespace AS namespace_key, f.key, t.name AS tenant, n.name AS namespace, f.id, r.revision,
  r.source, r.disabled, r.draft, r.deleted, r.created, r.created_by
FROM flows AS f
JOIN namespaces AS n ON n.key = f.namespace
JOIN tenants AS t ON t.key = f.tenant
JOIN flow_revisions AS r ON r.flow = f.key
WHERE t.name = $1 AND n.name = $2 AND f.id = $3 AND ($4::int IS NULL OR r.revision = $4)
  AND ($4::int IS NOT NULL OR $5::bool OR NOT f.deleted)
ORDER BY r.draft AND NOT f.deleted, r.revision DESC
LIMIT 1
