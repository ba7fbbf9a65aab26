-- How many executions are in which state now, by executions_live; 3 = LOOP.
SELECT e.state::int, count(*) AS n
FROM executions AS e
JOIN flows AS f ON f.key = e.flow
JOIN namespaces AS n ON n.key = e.namespace
JOIN tenants AS t ON t.key = e.tenant
WHERE e.live AND e.kind <> 3 AND t.name = $1
  AND ($2::text IS NULL OR n.name = $2 OR starts_with(n.name, $2 || '.')) AND ($3::text IS NULL OR f.id = $3)
GROUP BY e.state
