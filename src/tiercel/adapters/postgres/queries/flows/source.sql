-- The source of one revision.
SELECT source, draft, deleted FROM flow_revisions WHERE flow = $1 AND revision = $2
