-- Streams that run and watch executions; there are few rows in trigger_jobs.
SELECT r.key
FROM trigger_jobs AS j
JOIN triggers AS r ON r.key = j.trigger_key
WHERE r.kind = 'REALTIME' AND convert_from(r.record, 'UTF8')::jsonb ? 'watched'
