-- Who else owns shards of a role.
SELECT DISTINCT owner FROM shards WHERE role = $1::int2 AND owner <> $2::bigint ORDER BY owner
