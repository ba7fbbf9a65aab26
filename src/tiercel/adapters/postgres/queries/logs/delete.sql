-- Forget lines.
WITH gone AS (DELETE FROM logs AS l WHERE {where} RETURNING 1)
SELECT count(*) FROM gone
