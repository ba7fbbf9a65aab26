-- Executions that were over from the beginning, for dashboards.
INSERT INTO counts AS c (hour, flow, state, owner, n, milliseconds)
SELECT date_trunc('hour', ended), flow, state, $1::bigint, count(*), 0
FROM _executions
WHERE NOT live
GROUP BY date_trunc('hour', ended), flow, state
ON CONFLICT (hour, flow, state, owner) DO UPDATE SET n = c.n + excluded.n
