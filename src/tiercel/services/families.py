"""Families of plugin types that the ecosystem knows, and the extra of ours that brings each, where there is one."""

EXTRAS: dict[str, str] = {
    "scripts": "scripts",
    "jdbc": "sql",
    "gcp": "gcp",
}
"""Family → `pip install tiercel[extra]`."""

_KNOWN = """
adanos ai aikido airbyte airflow airtable algolia alibaba amqp ansible anthropic apify argocd aws azure beam bluesky
camunda cassandra ceph clevercloud cloudflare cloudquery compress confluence couchbase crypto dagster databricks
dataform datagen datahub dbt debezium deel deepseek digitalocean discord dlt docker documentdb dropbox ee
elasticsearch email faktory fastly figma fivetran flink fs gcp gemini git github gitlab googleworkspace graalvm
grafana graphql helm hex hightouch huawei hubspot huggingface influxdb jdbc jenkins jira jms kafka kestra klaviyo
kubernetes kvm ldap line linear linkedin liquibase malloy matrix meilisearch meta metaplane microsoft microsoft365
minio miro mistral modal monday mongodb mqtt nats neo4j netskope nifi notifications notion odoo ollama openai
opensearch opentofu opsgenie pagerduty perplexity phpipam pinecone pipedrive playwright powerbi prefect prometheus
proxmox pulsar qdrant redis resend scaleway scrapy scripts scylladb selenium sentry serdes servicenow sifflet singer
skopeo slack snmp soda solace spark sqlmesh squadcast stripe supabase surrealdb telegram temporal terraform
terragrunt tika timefold todoist transform trello trivy twilio typesense weaviate x xquik zapier zendesk zenduty
zoom zulip
"""
KNOWN = frozenset(_KNOWN.split())


def sentence_for(family: str, *, installed: bool) -> str | None:
    """What to tell someone who uses a type of a family that is not here; None where nobody knows the family."""
    extra = EXTRAS.get(family)
    if extra is not None and not installed:
        return f"types of the family `{family}` come with an extra: pip install 'tiercel[{extra}]'"
    if extra is None and family in KNOWN:
        return f"the family `{family}` is known, but no plugin of Tiercel brings it yet"
    return None
