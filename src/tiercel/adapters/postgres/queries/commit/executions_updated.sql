-- What progresses in executions of one partition, by its primary key. No variables or outputs: they stay as they are.
UPDATE executions_{partition} AS e
SET state = t.state, live = t.live, marked = t.marked, ended = t.ended, labels = string_to_array(t.labels, E'\x1f'),
  progress = t.progress, variables = coalesce(t.variables, e.variables), outputs = coalesce(t.outputs, e.outputs)
FROM unnest(
  $1::text[], $2::int2[], $3::bool[], $4::bool[], $5::timestamptz[], $6::text[], $7::bytea[], $8::bytea[], $9::bytea[]
) AS t (id, state, live, marked, ended, labels, progress, variables, outputs)
WHERE e.id = t.id
RETURNING 1
