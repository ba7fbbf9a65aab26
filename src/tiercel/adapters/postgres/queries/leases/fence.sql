-- Take the leases of others away: their commits in flight are waited for, later ones divide by zero.
DELETE FROM leases WHERE id = ANY($1::bigint[]) RETURNING id, backend, backend_since
