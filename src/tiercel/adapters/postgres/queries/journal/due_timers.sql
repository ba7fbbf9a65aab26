-- Timers due before an instant, by timers_due.
SELECT execution_id, name, shard, due FROM timers WHERE due < $1 ORDER BY due
