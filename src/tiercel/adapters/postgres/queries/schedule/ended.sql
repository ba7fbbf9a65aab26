-- How executions ended, those that did; one that is gone has no state.
SELECT w.id, e.state
FROM unnest($1::text[]) AS w (id)
LEFT JOIN executions AS e ON e.id = w.id
WHERE e.live IS NOT TRUE
