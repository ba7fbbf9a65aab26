-- The workers that have jobs which are to stop.
SELECT count(pg_notify('worker_' || worker, '')) FROM _jobs_killed WHERE worker IS NOT NULL
