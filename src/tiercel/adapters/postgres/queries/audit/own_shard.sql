-- Executions, jobs, timers and messages that are not in the shard which the id of the execution names. Other ids than ours
-- are spread by their checksum.
SELECT DISTINCT s.id
FROM (
  SELECT id, shard FROM executions
  UNION ALL SELECT execution_id, shard FROM jobs
  UNION ALL SELECT execution_id, shard FROM timers
  UNION ALL SELECT target, shard FROM messages
) AS s
CROSS JOIN LATERAL (
  SELECT 62 * (strpos(digits, substr(s.id, 9, 1)) - 1) + strpos(digits, substr(s.id, 10, 1)) - 1 AS named
  FROM (VALUES ('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')) AS base62 (digits)
) AS n
WHERE s.id ~ '^0[0-9A-Za-z]{21}$' AND n.named < 1024 AND n.named <> s.shard
ORDER BY s.id
