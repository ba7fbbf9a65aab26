-- What progresses in task runs of one partition, by its primary key. No counters or outputs: they stay, and are not copied.
UPDATE task_runs_{partition} AS r
SET iteration = t.iteration, state = t.state, ended = t.ended, record = t.record, counters = coalesce(t.counters, r.counters),
  outputs = coalesce(t.outputs, r.outputs)
FROM unnest(
  $1::text[], $2::int[], $3::int[], $4::int2[], $5::timestamptz[], $6::bytea[], $7::bytea[], $8::bytea[]
) AS t (execution_id, ord, iteration, state, ended, record, counters, outputs)
WHERE r.execution_id = t.execution_id AND r.ord = t.ord
RETURNING 1
