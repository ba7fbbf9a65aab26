-- What is to be looked at before an instant, by triggers_due.
SELECT r.next_at, r.key
FROM triggers AS r
JOIN flows AS f ON f.key = r.flow
WHERE NOT r.disabled AND r.next_at < $1 AND NOT f.disabled
ORDER BY r.next_at
