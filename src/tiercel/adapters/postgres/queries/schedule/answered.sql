-- Triggers whose answer waits for the scheduler, by trigger_jobs_answered.
SELECT trigger_key FROM trigger_jobs WHERE finding IS NOT NULL
