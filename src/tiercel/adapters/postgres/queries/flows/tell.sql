-- Tell every process that a flow is another, when this is durable.
SELECT pg_notify('flows', $1)
