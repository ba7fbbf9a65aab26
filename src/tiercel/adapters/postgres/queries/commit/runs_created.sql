-- New task runs.
INSERT INTO task_runs (
  execution_id, ord, id, task_id, parent, value, iteration, state, started, ended, record, counters, outputs
)
SELECT *
FROM unnest(
  $1::text[], $2::int[], $3::text[], $4::text[], $5::int[], $6::text[], $7::int[], $8::int2[], $9::timestamptz[],
  $10::timestamptz[], $11::bytea[], $12::bytea[], $13::bytea[]
)
