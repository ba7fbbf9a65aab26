-- Labels of the executions that this very statement made.
INSERT INTO execution_labels (label, execution_id)
SELECT t.label, t.execution_id
FROM unnest($1::bigint[], $2::text[]) AS t (label, execution_id)
JOIN _executions_created AS made ON made.id = t.execution_id
