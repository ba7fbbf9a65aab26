-- States of triggers with the names of their flows, and with the workers that look at them.
SELECT r.key, r.version, r.shard, t.name AS tenant, n.name AS namespace, f.id AS flow_id, r.trigger_id, r.kind, r.next_at,
  r.disabled, r.execution_id, r.backfill, r.record, r.updated, r.freed, j.since, j.worker_name, j.finding
FROM triggers AS r
JOIN flows AS f ON f.key = r.flow
JOIN namespaces AS n ON n.key = f.namespace
JOIN tenants AS t ON t.key = f.tenant
LEFT JOIN trigger_jobs AS j ON j.trigger_key = r.key
WHERE {where}
ORDER BY {order}
