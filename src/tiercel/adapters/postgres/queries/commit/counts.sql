-- Numbers for dashboards; the owner stands in the key, so no two processes write one row.
INSERT INTO counts AS c (hour, flow, state, n, milliseconds, owner)
SELECT hour, flow, state, n, milliseconds, $6::bigint
FROM unnest($1::timestamptz[], $2::int[], $3::int2[], $4::bigint[], $5::bigint[]) AS t (hour, flow, state, n, milliseconds)
ON CONFLICT (hour, flow, state, owner)
  DO UPDATE SET n = c.n + excluded.n, milliseconds = c.milliseconds + excluded.milliseconds
