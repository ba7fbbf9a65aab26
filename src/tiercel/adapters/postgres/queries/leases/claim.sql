-- Take the shards of a role that have no owner; a shard whose owner has no lease any more has none.
INSERT INTO shards AS s (role, shard, owner)
SELECT $1::int2, number, $2::bigint FROM generate_series(0, $3::int - 1) AS number
ON CONFLICT (role, shard) DO UPDATE SET owner = excluded.owner
WHERE NOT EXISTS (SELECT FROM leases AS l WHERE l.id = s.owner)
