-- Messages that led to this commit.
DELETE FROM messages WHERE id = ANY($1::bigint[])
