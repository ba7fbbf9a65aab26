-- History, one row an execution. The primary key breaks the commit of a second writer.
INSERT INTO events (execution_id, seq, at, body)
SELECT * FROM unnest($1::text[], $2::int[], $3::timestamptz[], $4::bytea[])
