-- Flows that are not deleted, each with the latest revision that is no draft.
SELECT f.tenant AS tenant_key, f.namespace AS namespace_key, f.key, t.name AS tenant, n.name AS namespace, f.id, r.revision,
  r.source, r.disabled, r.draft, r.deleted, r.created, r.created_by
FROM flows AS f
JOIN namespaces AS n ON n.key = f.namespace
JOIN tenants AS t ON t.key = f.tenant
CROSS JOIN LATERAL (
  SELECT * FROM flow_revisions AS r WHERE r.flow = f.key ORDER BY r.draft, r.revision DESC LIMIT 1
) AS r
WHERE NOT f.deleted AND {where}
ORDER BY {order}
