-- Tell every process that a template is another, when this is durable.
SELECT pg_notify('templates', $1)
