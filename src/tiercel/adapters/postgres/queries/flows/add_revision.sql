-- One more revision.
INSERT INTO flow_revisions (flow, revision, source, disabled, draft, deleted, created, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
