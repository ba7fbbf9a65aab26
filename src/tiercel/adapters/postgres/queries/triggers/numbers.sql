-- How many states of triggers each flow has.
SELECT flow, count(*) AS states FROM triggers GROUP BY flow
