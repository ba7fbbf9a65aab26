-- Tell the scheduler which triggers are others, when this is durable.
SELECT pg_notify('triggers', key::text) FROM unnest($1::bigint[]) AS t (key)
