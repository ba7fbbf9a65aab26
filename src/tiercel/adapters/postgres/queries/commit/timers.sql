-- What is to happen later; a timer of the same name is replaced.
INSERT INTO timers (execution_id, name, shard, due)
SELECT * FROM unnest($1::text[], $2::text[], $3::int2[], $4::timestamptz[])
ON CONFLICT (execution_id, name) DO UPDATE SET due = excluded.due
