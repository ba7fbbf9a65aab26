-- Take waiting jobs of some queues and tell their executions in the same statement, by jobs_waiting. A worker that was
-- given up for lost (no lease) gets none.
WITH claimed AS (
  UPDATE jobs AS j
  SET worker = $1, claimed = now()
  WHERE j.id = ANY(ARRAY(
    SELECT w.id
    FROM unnest($2::int[]) AS q (queue)
    CROSS JOIN LATERAL (
      SELECT id, priority FROM jobs
      WHERE queue = q.queue AND worker IS NULL AND NOT killed
      ORDER BY priority, id
      LIMIT $3
      FOR UPDATE SKIP LOCKED
    ) AS w
    ORDER BY w.priority, w.id
    LIMIT $3
  ))
  AND EXISTS (SELECT FROM leases AS l WHERE l.id = $1::bigint FOR KEY SHARE)
  RETURNING j.id, j.shard, j.execution_id, j.ord, j.attempt, j.body
), told AS (
  INSERT INTO messages (shard, kind, target, body)
  SELECT shard, 0, execution_id, convert_to(json_build_object('event', json_build_object(
    'event', 'started', 'at', $4::text, 'seed', $5::numeric, 'ord', ord, 'attempt', attempt, 'worker', $6::text
  ))::text, 'UTF8')
  FROM claimed
  RETURNING shard
)
SELECT id, body, (
  SELECT count(pg_notify('mail_' || owner, ''))
  FROM (SELECT DISTINCT s.owner FROM told JOIN shards AS s ON s.shard = told.shard AND s.role = 0) AS owners
)
FROM claimed
ORDER BY id
