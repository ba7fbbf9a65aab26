"""What is wrong in the world fails the execution with a message that names it."""

from typing import Any

from tests.acceptance.pipeline import Pipeline
from tests.acceptance.source import Source
from tests.peers.bigquery import BigQuery


def failure_of(pipeline: Pipeline, execution: Any, task_id: str) -> str:
    """What the log says of the failed task."""
    assert execution["state"]["current"] == "FAILED"
    assert execution["taskRunList"][-1]["taskId"] == task_id
    assert execution["taskRunList"][-1]["state"]["current"] == "FAILED"
    (message,) = pipeline.messages(execution, "ERROR")
    return message


def test_a_database_that_is_stopped(pipeline: Pipeline, source: Source) -> None:
    source.stop()
    try:
        execution = pipeline.ran()
    finally:
        source.start()
    message = failure_of(pipeline, execution, "extract")
    assert "no connection to PostgreSQL at source-db:5432/analytics" in message
    assert "refused" in message


def test_a_table_that_is_missing_in_the_database(pipeline: Pipeline, source: Source) -> None:
    source.do("ALTER TABLE events RENAME TO hidden")
    try:
        execution = pipeline.ran()
    finally:
        source.do("ALTER TABLE hidden RENAME TO events")
    assert 'relation "events" does not exist' in failure_of(pipeline, execution, "extract")


def test_a_dataset_that_is_missing(pipeline: Pipeline, target: BigQuery) -> None:
    with target.client() as client:
        client.delete_dataset("dataset", delete_contents=True)
    message = failure_of(pipeline, pipeline.ran(), "load")
    assert "dataset dataset does not exist in project project, create it or" in message


def test_a_column_that_the_table_does_not_have(pipeline: Pipeline, target: BigQuery) -> None:
    target.rows("CREATE TABLE dataset.events (id INT64, date DATE, processed_at DATETIME)")
    message = failure_of(pipeline, pipeline.ran(), "load")
    assert "table project.dataset.events has no column name, note, payload" in message
    assert target.rows("SELECT * FROM dataset.events") == []
