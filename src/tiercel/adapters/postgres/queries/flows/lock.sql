-- The flow that is being saved, held until the save is done; a new one has a row by now.
SELECT revision, deleted FROM flows WHERE key = $1 FOR UPDATE
