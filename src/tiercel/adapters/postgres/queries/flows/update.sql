-- What searches look at: that of the latest revision.
UPDATE flows
SET revision = $2, disabled = $3, deleted = $4, labels = $5, description = $6, updated = $7
WHERE key = $1
