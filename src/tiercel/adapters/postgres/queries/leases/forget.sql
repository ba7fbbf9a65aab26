-- Drop what is remembered of processes that ended before an instant.
DELETE FROM services AS s
WHERE s.changed < $1 AND NOT EXISTS (SELECT FROM leases AS l WHERE l.id = s.id)
