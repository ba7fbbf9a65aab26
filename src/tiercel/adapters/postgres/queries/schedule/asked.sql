-- Triggers that workers are to look at, with the states just written.
INSERT INTO trigger_jobs (trigger_key, since, body)
SELECT t.trigger_key, t.since, t.body
FROM unnest($1::bigint[], $2::timestamptz[], $3::bytea[]) AS t (trigger_key, since, body)
WHERE t.trigger_key IN (SELECT key FROM _states)
ON CONFLICT (trigger_key) DO NOTHING
RETURNING trigger_key
