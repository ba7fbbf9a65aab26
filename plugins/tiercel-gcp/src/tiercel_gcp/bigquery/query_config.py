"""A query's properties as the job configuration of Google's library."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tiercel_gcp.bigquery.table import dataset_reference

if TYPE_CHECKING:
    from tiercel_gcp.bigquery.query import Query


def query_config(task: "Query", project: str) -> Any:
    from google.cloud import bigquery

    library: Any = bigquery
    is_legacy = task.legacy_sql or task.use_legacy_sql
    config = library.QueryJobConfig(use_legacy_sql=is_legacy, dry_run=task.dry_run, priority=task.priority)
    for name, value in (_target(task, project) | _limits(task, project) | _partitions(task, library)).items():
        if value is not None:
            setattr(config, name, value)
    if is_legacy:
        config.allow_large_results = task.allow_large_results
        config.flatten_results = task.flatten_results
        config.maximum_billing_tier = task.maximum_billing_tier
    return config


def _target(task: "Query", project: str) -> dict[str, Any]:
    return {
        "destination": task.target and task.target.within(project).reference(),
        "write_disposition": task.write_disposition,
        "create_disposition": task.create_disposition,
        "schema_update_options": task.schema_update_options,
        "clustering_fields": task.clustering_fields,
    }


def _limits(task: "Query", project: str) -> dict[str, Any]:
    return {
        "default_dataset": task.default_dataset and dataset_reference(task.default_dataset, project),
        "use_query_cache": task.use_query_cache,
        "labels": task.labels_,
        "job_timeout_ms": task.job_timeout and int(task.job_timeout / timedelta(milliseconds=1)),
        "maximum_bytes_billed": task.maximum_bytes_billed,
    }


def _partitions(task: "Query", library: Any) -> dict[str, Any]:
    partitions: dict[str, Any] = {}
    if field := task.time_partitioning_field:
        partitions["time_partitioning"] = library.TimePartitioning(type_=task.time_partitioning_type, field=field)
    if field := task.range_partitioning_field:
        span = library.PartitionRange(
            start=task.range_partitioning_start,
            end=task.range_partitioning_end,
            interval=task.range_partitioning_interval,
        )
        partitions["range_partitioning"] = library.RangePartitioning(field=field, range_=span)
    return partitions
