"""Families of plugin types that the ecosystem knows, and the extra of ours that brings each, where there is one."""

EXTRAS: dict[str, str] = {
    "scripts": "scripts",
    "jdbc": "sql",
    "gcp": "gcp",
}
"""Family → `pip install tiercel[extra]`."""

_CORE = """
debug.Echo debug.Return execution.Assert execution.Count execution.Exit execution.Fail execution.Labels
execution.PurgeExecutions execution.Resume execution.SetVariables execution.UnsetVariables flow.AllowFailure
flow.Approval flow.Dag flow.EachParallel flow.EachSequential flow.ForEach flow.ForEachItem
flow.ForEachItem.ForEachItemExecutable flow.ForEachItem.ForEachItemMergeOutputs flow.ForEachItem.ForEachItemSplit
flow.If flow.Loop flow.LoopUntil flow.Parallel flow.Pause flow.PurgeFlows flow.Sequential flow.Sleep flow.Subflow
flow.Switch flow.Template flow.Template.ExecutorTemplate flow.WaitFor flow.WorkingDirectory http.Download http.Request
http.SseRequest http.Trigger kv.Delete kv.Get kv.GetKeys kv.PurgeKV kv.Set log.Fetch log.Log log.PurgeLogs
metric.Publish metric.PurgeMetrics namespace.DeleteFiles namespace.DownloadFiles namespace.PurgeFiles
namespace.UploadFiles output.OutputValues runner.Process state.Delete state.Get state.Set storage.Concat
storage.DeduplicateItems storage.Delete storage.FilterItems storage.LocalFiles storage.PurgeCurrentExecutionFiles
storage.PurgeStorage storage.Reverse storage.Size storage.Split storage.Write templating.TemplatedTask
trigger.BatchWebhook trigger.Flow trigger.McpToolTrigger trigger.Schedule trigger.ScheduleOnDates trigger.Toggle
trigger.Webhook
"""
CORE = frozenset(_CORE.split())
"""Types of the original's core, without their prefix."""

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


def sentence_for(name: str, *, installed: bool) -> str | None:
    """What to tell someone who uses a type that is not here; None where nobody knows it. `name` has no prefix."""
    family = name.split(".")[0]
    if family == "core" and name.removeprefix("core.") in CORE:
        return f"`{name}` is known, but Tiercel does not have it yet"
    extra = EXTRAS.get(family)
    if extra is not None and not installed:
        return f"types of the family `{family}` come with an extra: pip install 'tiercel[{extra}]'"
    if extra is None and family in KNOWN:
        return f"the family `{family}` is known, but no plugin of Tiercel brings it yet"
    return None
