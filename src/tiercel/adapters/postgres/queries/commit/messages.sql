-- Messages to residents of other processes; their numbers grow in the order of the batch.
INSERT INTO messages (shard, kind, target, body)
SELECT shard, kind, target, body
FROM unnest($1::int2[], $2::int2[], $3::text[], $4::bytea[]) WITH ORDINALITY AS t (shard, kind, target, body, place)
ORDER BY place
RETURNING shard
