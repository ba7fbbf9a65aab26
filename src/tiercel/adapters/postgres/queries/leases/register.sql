-- A new epoch, and its row that every commit of the session locks.
WITH taken AS (SELECT nextval('epochs') AS id)
INSERT INTO leases (id, role, backend, beat)
SELECT id, $1::int2, pg_backend_pid(), now() FROM taken
RETURNING id
