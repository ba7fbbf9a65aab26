-- Headers of one partition, by its primary key.
SELECT * FROM executions_{partition} WHERE id = ANY($1::text[])
