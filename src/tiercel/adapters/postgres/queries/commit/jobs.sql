-- Work for workers; that which a worker of this process takes is claimed already.
INSERT INTO jobs (execution_id, ord, attempt, shard, queue, priority, worker, body, claimed)
SELECT execution_id, ord, attempt, shard, queue, priority, worker, body, CASE WHEN worker IS NOT NULL THEN now() END
FROM unnest($1::text[], $2::int[], $3::int2[], $4::int2[], $5::int[], $6::int2[], $7::bigint[], $8::bytea[])
  WITH ORDINALITY AS t (execution_id, ord, attempt, shard, queue, priority, worker, body, place)
ORDER BY place
