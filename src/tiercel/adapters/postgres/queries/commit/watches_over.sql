-- Watched executions that are over, by the primary key; the scheduler is told.
DELETE FROM trigger_watches WHERE execution_id = ANY($1::text[]) RETURNING trigger_key AS key
