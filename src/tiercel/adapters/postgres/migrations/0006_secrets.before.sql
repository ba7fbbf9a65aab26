-- Secrets of namespaces: `value` is encrypted with the server's key, `tags` is JSON.
CREATE TABLE secrets (
  namespace int NOT NULL REFERENCES namespaces,
  key text COLLATE "C" NOT NULL,
  value bytea NOT NULL,
  description text,
  tags bytea NOT NULL,
  updated timestamptz NOT NULL,
  PRIMARY KEY (namespace, key)
);
