-- How many lines match.
SELECT count(*) FROM logs AS l WHERE {where}
