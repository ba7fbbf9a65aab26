"""Types of Google Cloud. `TYPES` names where each class is; nothing is imported before a flow uses it."""

TYPES: dict[str, str] = {
    "io.kestra.plugin.gcp.bigquery.Load": "tiercel_gcp.bigquery.load:Load",
    "io.kestra.plugin.gcp.bigquery.Query": "tiercel_gcp.bigquery.query:Query",
}
