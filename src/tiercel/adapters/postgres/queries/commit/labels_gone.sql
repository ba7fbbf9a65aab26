-- Labels that executions have no longer, by execution_labels_found.
DELETE FROM execution_labels AS r
USING unnest($1::bigint[], $2::text[]) AS t (label, execution_id)
WHERE r.label = t.label AND r.execution_id = t.execution_id
