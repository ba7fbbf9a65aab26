-- Executions to which a message lies that nobody has read.
SELECT DISTINCT target AS id FROM messages ORDER BY target
