-- Shards whose owner has no lease.
SELECT s.role || '/' || s.shard AS id
FROM shards AS s
WHERE NOT EXISTS (SELECT FROM leases AS l WHERE l.id = s.owner)
ORDER BY s.role, s.shard
