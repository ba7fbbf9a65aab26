-- Triggers that the flow no longer has.
DELETE FROM triggers WHERE flow = $1 AND trigger_id <> ALL($2::text[]) RETURNING key
