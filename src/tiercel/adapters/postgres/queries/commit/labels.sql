-- Labels by which executions are found.
INSERT INTO execution_labels (label, execution_id)
SELECT * FROM unnest($1::bigint[], $2::text[])
