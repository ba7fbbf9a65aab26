-- The shards of one who was fenced off go to this session.
UPDATE shards SET owner = $3::bigint WHERE role = $1::int2 AND owner = $2::bigint
