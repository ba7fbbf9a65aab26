-- A new epoch, and its row that every commit of the session locks.
INSERT INTO leases (id, role, backend, backend_since, beat)
SELECT nextval('epochs'), $1::int2, a.pid, a.backend_start, now()
FROM pg_stat_get_activity(pg_backend_pid()) AS a
RETURNING id
