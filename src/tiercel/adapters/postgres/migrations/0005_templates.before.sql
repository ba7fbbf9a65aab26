-- Stored templates (1.x): one row a revision, none is ever changed. `source` is YAML.
CREATE TABLE templates (
  namespace int NOT NULL REFERENCES namespaces,
  id text COLLATE "C" NOT NULL,
  revision int NOT NULL,
  source text NOT NULL,
  deleted boolean NOT NULL,
  updated timestamptz NOT NULL,
  PRIMARY KEY (namespace, id, revision)
);
