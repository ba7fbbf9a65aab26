-- Free the connections of those who were fenced off: numbers of backends are used again, so the time has to fit too.
SELECT pg_terminate_backend(a.pid)
FROM unnest($1::int[], $2::timestamptz[]) AS t (pid, since)
JOIN pg_stat_activity AS a ON a.pid = t.pid AND a.backend_start = t.since
WHERE a.pid <> pg_backend_pid()
