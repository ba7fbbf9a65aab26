-- Key-value entries: one row a revision. `value` is JSON.
CREATE TABLE kv (
  namespace int NOT NULL REFERENCES namespaces,
  key text COLLATE "C" NOT NULL,
  revision int NOT NULL,
  type text NOT NULL,
  value bytea NOT NULL,
  description text,
  created timestamptz NOT NULL,
  updated timestamptz NOT NULL,
  expires timestamptz,
  PRIMARY KEY (namespace, key, revision)
);

-- Files of namespaces: one row a revision; their content lies in internal storage.
CREATE TABLE namespace_files (
  namespace int NOT NULL REFERENCES namespaces,
  path text COLLATE "C" NOT NULL,
  revision int NOT NULL,
  size bigint NOT NULL,
  uri text NOT NULL,
  created timestamptz NOT NULL,
  updated timestamptz NOT NULL,
  PRIMARY KEY (namespace, path, revision)
);

-- What Flow triggers have collected: at most the current window of each.
CREATE TABLE windows (
  flow int NOT NULL,
  trigger_id text COLLATE "C" NOT NULL,
  starts timestamptz NOT NULL,
  ends timestamptz NOT NULL,
  satisfied bytea NOT NULL,
  PRIMARY KEY (flow, trigger_id)
) WITH (fillfactor = 70);
