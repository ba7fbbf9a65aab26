-- Executions whose history has a gap.
SELECT execution_id AS id
FROM events
GROUP BY execution_id
HAVING min(seq) <> 0 OR max(seq) <> count(*) - 1
ORDER BY execution_id
