-- What a Flow trigger has collected in its window.
SELECT flow, trigger_id, starts, ends, satisfied FROM windows WHERE flow = $1 AND trigger_id = $2
