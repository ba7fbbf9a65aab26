-- The latest revision of a key, for the next one to follow.
SELECT revision, description, created, expires FROM kv WHERE namespace = $1 AND key = $2 ORDER BY revision DESC LIMIT 1
