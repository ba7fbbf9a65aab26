-- When a session's backend began: its number alone may be another's by the time that the session is ended.
ALTER TABLE leases ADD COLUMN backend_since timestamptz;
