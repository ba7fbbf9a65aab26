-- A new revision of a template.
INSERT INTO templates (namespace, id, revision, source, deleted, updated) VALUES ($1, $2, $3, $4, $5, $6)
