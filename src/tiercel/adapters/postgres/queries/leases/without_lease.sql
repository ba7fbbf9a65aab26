-- Services of a role that should have a lease and have none: their session is gone, or the database crashed.
SELECT s.id FROM services AS s
WHERE s.role = $1::int2 AND s.state IN (0, 1, 3) AND NOT EXISTS (SELECT FROM leases AS l WHERE l.id = s.id)
