-- Labels of the executions just created.
INSERT INTO execution_labels (label, execution_id)
SELECT t.label, t.execution_id
FROM unnest($1::bigint[], $2::text[]) AS t (label, execution_id)
WHERE t.execution_id IN (SELECT id FROM _executions)
