-- The executions that start with the states just written; a state that was not written starts none.
INSERT INTO executions (
  id, tenant, namespace, flow, revision, shard, state, kind, origin, live, marked, started, ended, parent_id, original_id,
  cause_id, correlation_id, trigger_key, labels, given, progress, variables, outputs
)
SELECT
  id, tenant, namespace, flow, revision, shard, state, kind, origin, live, marked, started, ended, parent_id, original_id,
  cause_id, correlation_id, trigger_key, string_to_array(labels, E'\x1f'), given, progress, variables, outputs
FROM unnest(
  $1::text[], $2::int2[], $3::int[], $4::int[], $5::int[], $6::int2[], $7::int2[], $8::int2[], $9::int2[], $10::bool[],
  $11::bool[], $12::timestamptz[], $13::timestamptz[], $14::text[], $15::text[], $16::text[], $17::text[], $18::bigint[],
  $19::text[], $20::bytea[], $21::bytea[], $22::bytea[], $23::bytea[]
) AS t (
  id, tenant, namespace, flow, revision, shard, state, kind, origin, live, marked, started, ended, parent_id, original_id,
  cause_id, correlation_id, trigger_key, labels, given, progress, variables, outputs
)
WHERE trigger_key IN (SELECT key FROM _states)
RETURNING id, flow, state, live, ended
