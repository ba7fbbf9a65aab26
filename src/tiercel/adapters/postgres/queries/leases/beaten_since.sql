-- Whether a session has said within the time that it lives; no row when it has no lease.
SELECT beat > now() - $2::interval AS lately FROM leases WHERE id = $1
