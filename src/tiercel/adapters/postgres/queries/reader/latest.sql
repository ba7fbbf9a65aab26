-- The newest execution of each flow, by executions_flow; 3 = LOOP.
SELECT e.*, $1::text AS tenant_name, w.namespace AS namespace_name, w.flow AS flow_id
FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS w (namespace, flow, place)
JOIN tenants AS t ON t.name = $1
JOIN namespaces AS n ON n.tenant = t.key AND n.name = w.namespace
JOIN flows AS f ON f.tenant = t.key AND f.namespace = n.key AND f.id = w.flow
CROSS JOIN LATERAL (
  SELECT * FROM executions AS x WHERE x.flow = f.key AND x.kind <> 3 ORDER BY x.id DESC LIMIT 1
) AS e
ORDER BY w.place
