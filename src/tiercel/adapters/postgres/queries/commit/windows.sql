-- What Flow triggers have collected in their windows, by the primary key.
INSERT INTO windows (flow, trigger_id, starts, ends, satisfied)
SELECT * FROM unnest($1::int[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::bytea[])
ON CONFLICT (flow, trigger_id) DO UPDATE SET starts = excluded.starts, ends = excluded.ends, satisfied = excluded.satisfied
