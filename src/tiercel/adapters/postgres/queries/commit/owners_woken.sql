-- The owners of the shards that got a message; 0 is the role of executors.
SELECT count(pg_notify('mail_' || owner, ''))
FROM (SELECT DISTINCT s.owner FROM {sent} AS m JOIN shards AS s ON s.shard = m.shard AND s.role = 0) AS owners
