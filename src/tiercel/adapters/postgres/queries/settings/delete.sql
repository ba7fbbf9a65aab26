-- Forget a setting.
DELETE FROM settings WHERE name = $1 RETURNING name
