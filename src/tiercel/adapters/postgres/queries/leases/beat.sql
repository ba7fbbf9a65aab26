-- Say that this session lives; no row when someone took it over.
UPDATE leases SET beat = now() WHERE id = $1 RETURNING id
