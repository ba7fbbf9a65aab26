-- All processes that are remembered, newest first.
SELECT s.id, s.role, s.state, s.host, s.version, s.pid, s.created, s.changed, l.id IS NOT NULL AS is_alive
FROM services AS s LEFT JOIN leases AS l ON l.id = s.id
ORDER BY s.id DESC
