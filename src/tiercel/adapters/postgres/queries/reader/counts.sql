-- Ended executions by hour, flow and state, by the primary key.
SELECT c.hour, n.name AS namespace, f.id AS flow_id, c.state::int, sum(c.n)::bigint AS n,
  sum(c.milliseconds)::bigint AS milliseconds
FROM counts AS c
JOIN flows AS f ON f.key = c.flow
JOIN namespaces AS n ON n.key = f.namespace
JOIN tenants AS t ON t.key = f.tenant
WHERE c.hour >= date_trunc('hour', $2::timestamptz) AND c.hour < $3::timestamptz AND t.name = $1
  AND ($4::text IS NULL OR n.name = $4 OR starts_with(n.name, $4 || '.')) AND ($5::text IS NULL OR f.id = $5)
GROUP BY c.hour, n.name, f.id, c.state
ORDER BY c.hour, n.name, f.id, c.state
