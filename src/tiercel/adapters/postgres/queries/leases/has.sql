-- Whether a session has its lease.
SELECT FROM leases WHERE id = $1
