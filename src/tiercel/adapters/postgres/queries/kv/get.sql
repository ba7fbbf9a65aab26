-- A key in the first of several namespaces that has it alive; its latest revision, or a given one.
SELECT n.name AS namespace, e.key, e.revision, e.type, e.value, e.description, e.created, e.updated, e.expires
FROM unnest($2::text[]) WITH ORDINALITY AS wanted (name, place)
JOIN tenants t ON t.name = $1
JOIN namespaces n ON n.tenant = t.key AND n.name = wanted.name
CROSS JOIN LATERAL (
  SELECT * FROM kv
  WHERE namespace = n.key AND key = $3 AND ($5::int IS NULL OR revision = $5)
  ORDER BY revision DESC LIMIT 1
) e
WHERE e.expires IS NULL OR e.expires > $4
ORDER BY wanted.place LIMIT 1
