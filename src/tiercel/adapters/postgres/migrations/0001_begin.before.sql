-- The whole schema to begin with: registry, executions by month, logs by month, work to be done, who is alive.

-- Registry ------------------------------------------------------------------------------------------------------------
CREATE TABLE tenants (
  key smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE
);

CREATE TABLE namespaces (
  key int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant smallint NOT NULL REFERENCES tenants,
  name text COLLATE "C" NOT NULL,
  UNIQUE (tenant, name)
);

CREATE TABLE flows (
  key int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant smallint NOT NULL REFERENCES tenants,
  namespace int NOT NULL REFERENCES namespaces,
  id text COLLATE "C" NOT NULL,
  revision int NOT NULL,
  disabled bool NOT NULL,
  deleted bool NOT NULL,
  labels text[] NOT NULL,
  description text,
  updated timestamptz NOT NULL,
  UNIQUE (tenant, namespace, id)
);

CREATE TABLE flow_revisions (
  flow int NOT NULL REFERENCES flows ON DELETE CASCADE,
  revision int NOT NULL,
  source text NOT NULL,
  disabled bool NOT NULL,
  draft bool NOT NULL,
  deleted bool NOT NULL,
  created timestamptz NOT NULL,
  created_by text,
  PRIMARY KEY (flow, revision)
);

CREATE TABLE triggers (
  key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  version int NOT NULL DEFAULT 0,
  flow int NOT NULL REFERENCES flows ON DELETE CASCADE,
  trigger_id text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  shard smallint NOT NULL,
  definition bytea NOT NULL,
  next_at timestamptz,
  disabled bool NOT NULL DEFAULT false,
  execution_id text COLLATE "C",
  backfill bytea,
  record bytea NOT NULL DEFAULT '{}',
  updated timestamptz NOT NULL,
  UNIQUE (flow, trigger_id)
) WITH (fillfactor = 70);
CREATE INDEX triggers_due ON triggers (next_at) WHERE NOT disabled;
CREATE INDEX triggers_locked ON triggers (execution_id) WHERE execution_id IS NOT NULL;

CREATE TABLE settings (
  name text PRIMARY KEY,
  value bytea NOT NULL,
  updated timestamptz NOT NULL DEFAULT now()
);

-- Executions: one row each, written only by the owner of its shard. 3 = LOOP, 9 = SUCCESS -------------------------------
CREATE TABLE executions (
  id text COLLATE "C" NOT NULL,
  tenant smallint NOT NULL,
  namespace int NOT NULL,
  flow int NOT NULL,
  revision int NOT NULL,
  shard smallint NOT NULL,
  state smallint NOT NULL,
  kind smallint NOT NULL,
  origin smallint NOT NULL,
  live bool NOT NULL,
  marked bool NOT NULL,
  started timestamptz NOT NULL,
  ended timestamptz,
  parent_id text COLLATE "C",
  original_id text COLLATE "C",
  cause_id text COLLATE "C",
  correlation_id text COLLATE "C",
  trigger_key bigint,
  labels text[] NOT NULL,
  given bytea NOT NULL,
  progress bytea NOT NULL,
  variables bytea,
  outputs bytea,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX executions_listed ON executions (tenant, id) WHERE kind <> 3;
CREATE INDEX executions_flow ON executions (flow, id) WHERE kind <> 3;
CREATE INDEX executions_namespace ON executions (namespace, id) WHERE kind <> 3;
CREATE INDEX executions_unusual ON executions (state, id) WHERE state <> 9;
CREATE INDEX executions_live ON executions (shard) WHERE live;
CREATE INDEX executions_marked ON executions (shard) WHERE marked;
CREATE INDEX executions_parent ON executions (parent_id, id) WHERE parent_id IS NOT NULL;
CREATE INDEX executions_cause ON executions (cause_id, id) WHERE cause_id IS NOT NULL;
CREATE INDEX executions_chain ON executions (correlation_id, id) WHERE correlation_id IS NOT NULL;
CREATE TABLE executions_other PARTITION OF executions DEFAULT WITH (fillfactor = 85);

CREATE TABLE execution_labels (
  label bigint NOT NULL,
  execution_id text COLLATE "C" NOT NULL
) PARTITION BY RANGE (execution_id);
CREATE INDEX execution_labels_found ON execution_labels (label, execution_id);
CREATE TABLE execution_labels_other PARTITION OF execution_labels DEFAULT;

CREATE TABLE task_runs (
  execution_id text COLLATE "C" NOT NULL,
  ord int NOT NULL,
  id text COLLATE "C" NOT NULL,
  task_id text NOT NULL,
  parent int NOT NULL,
  value text,
  iteration int,
  state smallint NOT NULL,
  started timestamptz NOT NULL,
  ended timestamptz,
  record bytea NOT NULL,
  counters bytea,
  outputs bytea,
  PRIMARY KEY (execution_id, ord)
) PARTITION BY RANGE (execution_id);
CREATE INDEX task_runs_open ON task_runs (execution_id, ord) WHERE ended IS NULL;
CREATE TABLE task_runs_other PARTITION OF task_runs DEFAULT WITH (fillfactor = 85);

CREATE TABLE events (
  execution_id text COLLATE "C" NOT NULL,
  seq int NOT NULL,
  at timestamptz NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (execution_id, seq)
) PARTITION BY RANGE (execution_id);
CREATE TABLE events_other PARTITION OF events DEFAULT;

-- Text and numbers from tasks: append only, by the time of the line ------------------------------------------------------
CREATE TABLE logs (
  at timestamptz NOT NULL,
  seq int NOT NULL,
  flow int NOT NULL,
  execution_id text COLLATE "C",
  task_run_id text COLLATE "C",
  task_id text,
  attempt smallint,
  trigger_id text,
  level smallint NOT NULL,
  thread text,
  message text NOT NULL
) PARTITION BY RANGE (at);
CREATE INDEX logs_execution ON logs (execution_id, at, seq);
CREATE INDEX logs_time ON logs (at, seq);
CREATE INDEX logs_loud ON logs (flow, at) WHERE level >= 3;
CREATE TABLE logs_other PARTITION OF logs DEFAULT;

CREATE TABLE metrics (
  at timestamptz NOT NULL,
  flow int NOT NULL,
  execution_id text COLLATE "C" NOT NULL,
  task_run_id text COLLATE "C" NOT NULL,
  task_id text NOT NULL,
  type text NOT NULL,
  name text NOT NULL,
  value float8 NOT NULL,
  tags bytea
) PARTITION BY RANGE (at);
CREATE INDEX metrics_execution ON metrics (execution_id, at);
CREATE INDEX metrics_series ON metrics (flow, name, at);
CREATE TABLE metrics_other PARTITION OF metrics DEFAULT;

CREATE TABLE counts (
  hour timestamptz NOT NULL,
  flow int NOT NULL,
  state smallint NOT NULL,
  owner bigint NOT NULL,
  n bigint NOT NULL,
  milliseconds bigint NOT NULL,
  PRIMARY KEY (hour, flow, state, owner)
) WITH (fillfactor = 50);

-- What is to be done: short tables, cleaned by count -----------------------------------------------------------------------
CREATE TABLE messages (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shard smallint NOT NULL,
  kind smallint NOT NULL,
  target text COLLATE "C" NOT NULL,
  body bytea NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

CREATE TABLE jobs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shard smallint NOT NULL,
  execution_id text COLLATE "C" NOT NULL,
  ord int NOT NULL,
  attempt smallint NOT NULL,
  queue int NOT NULL,
  priority smallint NOT NULL,
  worker bigint,
  claimed timestamptz,
  killed bool NOT NULL DEFAULT false,
  body bytea NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE INDEX jobs_waiting ON jobs (queue, priority, id) WHERE worker IS NULL;
CREATE INDEX jobs_worker ON jobs (worker) WHERE worker IS NOT NULL;
CREATE INDEX jobs_execution ON jobs (execution_id);

CREATE TABLE timers (
  execution_id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  shard smallint NOT NULL,
  due timestamptz NOT NULL,
  PRIMARY KEY (execution_id, name)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE INDEX timers_due ON timers (due);

-- Who is alive: leases and shards are not logged, since a crash of the database ends every session anyway ---------------------
CREATE SEQUENCE epochs AS bigint;
CREATE UNLOGGED TABLE leases (
  id bigint PRIMARY KEY,
  role smallint NOT NULL,
  backend int NOT NULL,
  beat timestamptz NOT NULL
) WITH (fillfactor = 50);
CREATE UNLOGGED TABLE shards (
  role smallint NOT NULL,
  shard smallint NOT NULL,
  owner bigint NOT NULL,
  PRIMARY KEY (role, shard)
) WITH (fillfactor = 50);
CREATE TABLE services (
  id bigint PRIMARY KEY,
  role smallint NOT NULL,
  state smallint NOT NULL,
  host text NOT NULL,
  version text NOT NULL,
  pid int NOT NULL,
  created timestamptz NOT NULL,
  changed timestamptz NOT NULL
) WITH (fillfactor = 70);

-- For people with psql: documents as JSON, numbers as names -------------------------------------------------------------------
CREATE TABLE state_names (number smallint PRIMARY KEY, name text NOT NULL);
INSERT INTO state_names
SELECT ordinality - 1, name
FROM unnest(ARRAY['CREATED', 'SUBMITTED', 'QUEUED', 'RUNNING', 'PAUSED', 'BREAKPOINT', 'RESTARTED', 'RETRYING', 'KILLING',
  'SUCCESS', 'WARNING', 'SKIPPED', 'RETRIED', 'RESUBMITTED', 'FAILED', 'KILLED', 'CANCELLED'])
  WITH ORDINALITY AS states (name, ordinality);

CREATE VIEW readable_executions AS
SELECT e.id, n.name AS namespace, f.id AS flow, e.revision, s.name AS state, e.live, e.marked, e.started, e.ended,
  e.labels, e.parent_id, e.cause_id, convert_from(e.given, 'UTF8')::jsonb AS given,
  convert_from(e.progress, 'UTF8')::jsonb AS progress, convert_from(e.variables, 'UTF8')::jsonb AS variables,
  convert_from(e.outputs, 'UTF8')::jsonb AS outputs
FROM executions e
LEFT JOIN flows f ON f.key = e.flow
LEFT JOIN namespaces n ON n.key = e.namespace
JOIN state_names s ON s.number = e.state;

CREATE VIEW readable_task_runs AS
SELECT r.execution_id, r.ord, r.id, r.task_id, r.parent, r.value, r.iteration, s.name AS state, r.started, r.ended,
  convert_from(r.record, 'UTF8')::jsonb AS record, convert_from(r.counters, 'UTF8')::jsonb AS counters,
  convert_from(r.outputs, 'UTF8')::jsonb AS outputs
FROM task_runs r
JOIN state_names s ON s.number = r.state;

CREATE VIEW readable_events AS
SELECT execution_id, seq, at, convert_from(body, 'UTF8')::jsonb AS body
FROM events;

CREATE VIEW readable_jobs AS
SELECT id, execution_id, ord, attempt, queue, priority, worker, claimed, killed, convert_from(body, 'UTF8')::jsonb AS body
FROM jobs;

CREATE VIEW readable_messages AS
SELECT id, shard, kind, target, convert_from(body, 'UTF8')::jsonb AS body
FROM messages;
