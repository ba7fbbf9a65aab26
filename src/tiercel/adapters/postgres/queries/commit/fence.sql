-- The lease of this process: fenced, the division by zero undoes everything. It waits for one who takes the lease away.
SELECT 1 / count(*) AS fence FROM (SELECT FROM leases WHERE id = $1::bigint FOR KEY SHARE) AS lease
