-- What the API shows of this process.
INSERT INTO services (id, role, state, host, version, pid, created, changed)
VALUES ($1, $2, $3, $4, $5, $6, now(), now())
