-- Executions whose header does not go on where their history ends.
SELECT e.id
FROM executions AS e
LEFT JOIN LATERAL (SELECT max(v.seq) AS last FROM events AS v WHERE v.execution_id = e.id) AS v ON true
WHERE coalesce((convert_from(e.progress, 'UTF8')::jsonb ->> 'nextSeq')::int, 0) <> coalesce(v.last + 1, 0)
ORDER BY e.id
