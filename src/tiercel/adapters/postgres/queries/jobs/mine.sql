-- What a worker has, and whether it is to stop, by jobs_worker.
SELECT execution_id, ord, attempt, killed FROM jobs WHERE worker = $1
