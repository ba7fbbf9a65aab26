-- Free the connection of one who was fenced off, if it is still that process's.
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid = ANY($1::int[]) AND application_name LIKE 'tiercel %' AND pid <> pg_backend_pid()
