-- A secret of the first of several namespaces that has it, by the primary key.
SELECT s.value
FROM unnest($2::text[]) WITH ORDINALITY AS wanted (name, place)
JOIN tenants t ON t.name = $1
JOIN namespaces n ON n.tenant = t.key AND n.name = wanted.name
JOIN secrets s ON s.namespace = n.key AND s.key = $3
ORDER BY wanted.place LIMIT 1
