-- Answers of workers that led to the states just written.
DELETE FROM trigger_jobs WHERE trigger_key = ANY($1::bigint[]) AND trigger_key IN (SELECT key FROM _states)
