-- Let nobody else write a key, or a path, of a namespace until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended($2, $1::int))
