-- Messages that are not out yet, in the order in which they were written, by the primary key: the table is the backlog.
SELECT id, target, body FROM messages
WHERE id NOT IN (SELECT unnest($1::bigint[]))
ORDER BY id
LIMIT $2
