-- Lines by the scheduler about triggers that started nothing.
INSERT INTO logs (at, seq, flow, execution_id, task_run_id, task_id, attempt, trigger_id, level, thread, message)
SELECT *
FROM unnest(
  $1::timestamptz[], $2::int[], $3::int[], $4::text[], $5::text[], $6::text[], $7::int2[], $8::text[], $9::int2[],
  $10::text[], $11::text[]
)
