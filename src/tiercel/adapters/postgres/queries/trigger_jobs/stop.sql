-- Take triggers away from the workers, and tell those who have them.
WITH gone AS (DELETE FROM trigger_jobs WHERE trigger_key = ANY($1::bigint[]) RETURNING worker)
SELECT count(pg_notify('triggers_of_' || worker, '')) FROM gone WHERE worker IS NOT NULL
