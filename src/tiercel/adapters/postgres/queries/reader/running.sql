-- How many executions of each flow hold a slot now, by executions_live; 3 = LOOP.
SELECT n.name AS namespace, f.id AS flow_id, count(*) AS n
FROM executions AS e
JOIN flows AS f ON f.key = e.flow
JOIN namespaces AS n ON n.key = e.namespace
JOIN tenants AS t ON t.key = e.tenant
WHERE e.live AND e.kind <> 3 AND t.name = $1 AND NOT e.state = ANY($2::smallint[])
GROUP BY n.name, f.id
