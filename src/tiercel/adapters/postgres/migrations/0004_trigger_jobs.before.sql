-- Triggers that are with the workers: one row each, from the scheduler's asking until it has acted on the answer.
CREATE TABLE trigger_jobs (
  trigger_key bigint PRIMARY KEY REFERENCES triggers ON DELETE CASCADE,
  id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  since timestamptz NOT NULL,
  worker bigint,
  worker_name text,
  body bytea NOT NULL,
  finding bytea
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE INDEX trigger_jobs_waiting ON trigger_jobs (id) WHERE worker IS NULL AND finding IS NULL;
CREATE INDEX trigger_jobs_worker ON trigger_jobs (worker) WHERE worker IS NOT NULL;
CREATE INDEX trigger_jobs_answered ON trigger_jobs (trigger_key) WHERE finding IS NOT NULL;
