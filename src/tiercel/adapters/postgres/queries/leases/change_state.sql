-- A process is in another state; written on changes only.
UPDATE services SET state = $2::int2, changed = now() WHERE id = ANY($1::bigint[]) AND state <> $2::int2
