-- One process at a time makes or drops partitions.
SELECT pg_advisory_xact_lock(1897112625)
