-- Sessions of a role that have not said for so long that they live.
SELECT id, beat > now() - $2::interval AS lately FROM leases WHERE role = $1::int2
