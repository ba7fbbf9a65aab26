-- What a worker has, by trigger_jobs_worker.
SELECT id FROM trigger_jobs WHERE worker = $1
