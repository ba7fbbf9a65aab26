-- The flow is gone; its revisions stay.
UPDATE flows SET revision = $2, deleted = true, updated = $3 WHERE key = $1
