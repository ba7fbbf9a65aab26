-- Forget revisions of a path: all of them, or those that are named.
DELETE FROM namespace_files f USING namespaces n, tenants t
WHERE t.name = $1 AND n.tenant = t.key AND n.name = $2 AND f.namespace = n.key AND f.path = $3
  AND ($4::int[] IS NULL OR f.revision = ANY ($4))
RETURNING n.name AS namespace, f.path, f.revision, f.size, f.uri, f.created, f.updated
