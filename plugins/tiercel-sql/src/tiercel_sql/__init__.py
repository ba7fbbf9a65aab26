"""Types that speak SQL. `TYPES` names where each class is; nothing is imported before a flow uses it."""

TYPES: dict[str, str] = {
    "io.kestra.plugin.jdbc.postgresql.Query": "tiercel_sql.postgresql.query:Query",
    "io.kestra.plugin.jdbc.postgresql.Queries": "tiercel_sql.postgresql.queries:Queries",
}
