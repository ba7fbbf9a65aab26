-- When a trigger was let go of, and the executions beside its lock whose end the scheduler wants to be told of.
ALTER TABLE triggers ADD COLUMN freed timestamptz;
CREATE TABLE trigger_watches (
  execution_id text COLLATE "C" PRIMARY KEY,
  trigger_key bigint NOT NULL REFERENCES triggers ON DELETE CASCADE
) WITH (fillfactor = 70);
CREATE INDEX trigger_watches_of ON trigger_watches (trigger_key);
