-- States of triggers, where nobody else wrote them since they were read.
UPDATE triggers AS r
SET next_at = t.next_at, disabled = t.disabled, execution_id = t.execution_id, backfill = t.backfill, record = t.record,
  freed = t.freed, version = r.version + 1, updated = now()
FROM unnest($1::bigint[], $2::int[], $3::timestamptz[], $4::bool[], $5::text[], $6::bytea[], $7::bytea[], $8::timestamptz[])
  AS t (key, version, next_at, disabled, execution_id, backfill, record, freed)
WHERE r.key = t.key AND r.version = t.version
RETURNING r.key
