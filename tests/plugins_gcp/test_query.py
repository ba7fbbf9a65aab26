"""What a query sends: against a fake. What it gives is tried on the emulator."""

from tests.plugins_gcp.conftest import Desk
from tests.plugins_gcp.fake import FakeBigQuery

from tiercel.model.states import State


async def test_every_option_reaches_the_job(desk: Desk, fake: FakeBigQuery) -> None:
    outcome = await desk.query(
        "SELECT 1",
        destinationTable="dataset.made",
        writeDisposition="WRITE_TRUNCATE",
        createDisposition="CREATE_IF_NEEDED",
        schemaUpdateOptions=["ALLOW_FIELD_RELAXATION"],
        clusteringFields=["a"],
        timePartitioningField="day",
        defaultDataset="dataset",
        useQueryCache=False,
        priority="BATCH",
        maximumBytesBilled=1000,
    )
    assert outcome.state is State.SUCCESS
    made = {"project": "project", "dataset": "dataset", "table": "made"}
    assert (outcome.outputs or {})["destinationTable"] == made
    sent = fake.query
    assert sent["query"] == "SELECT 1"
    assert sent["useLegacySql"] is False
    assert sent["destinationTable"] == {"projectId": "project", "datasetId": "dataset", "tableId": "made"}
    assert sent["writeDisposition"] == "WRITE_TRUNCATE"
    assert sent["createDisposition"] == "CREATE_IF_NEEDED"
    assert sent["schemaUpdateOptions"] == ["ALLOW_FIELD_RELAXATION"]
    assert sent["clustering"] == {"fields": ["a"]}
    assert sent["timePartitioning"] == {"type": "DAY", "field": "day"}
    assert sent["defaultDataset"] == {"projectId": "project", "datasetId": "dataset"}
    assert sent["useQueryCache"] is False
    assert sent["priority"] == "BATCH"
    assert sent["maximumBytesBilled"] == "1000"


async def test_labels_and_the_time_limit_are_the_jobs(desk: Desk, fake: FakeBigQuery) -> None:
    await desk.query("SELECT 1", labels={"team": "data"}, jobTimeout="PT1M30S")
    (identifier,) = fake.sent
    configuration = fake.jobs[identifier]["configuration"]
    assert (configuration["labels"], configuration["jobTimeoutMs"]) == ({"team": "data"}, "90000")


async def test_numbers_can_be_the_partitions(desk: Desk, fake: FakeBigQuery) -> None:
    await desk.query(
        "SELECT 1",
        rangePartitioningField="id",
        rangePartitioningStart=0,
        rangePartitioningEnd=100,
        rangePartitioningInterval=10,
    )
    span = {"start": "0", "end": "100", "interval": "10"}
    assert fake.query["rangePartitioning"] == {"field": "id", "range": span}


async def test_the_older_sql_has_options_of_its_own(desk: Desk, fake: FakeBigQuery) -> None:
    await desk.query("SELECT 1", legacySql=True, allowLargeResults=True, flattenResults=False, maximumBillingTier=2)
    sent = fake.query
    assert (sent["useLegacySql"], sent["allowLargeResults"], sent["flattenResults"]) == (True, True, False)
    assert sent["maximumBillingTier"] == 2


async def test_a_query_of_a_lost_worker_is_not_run_twice(desk: Desk, fake: FakeBigQuery) -> None:
    await desk.query("DELETE FROM dataset.t WHERE TRUE")
    fake.jobs["tiercel_run2_1"] = {**fake.jobs["tiercel_run1_1"], "id": "project:EU.tiercel_run2_1"}
    fake.jobs["tiercel_run2_1"]["jobReference"] = {"projectId": "project", "jobId": "tiercel_run2_1"}
    outcome = await desk.query("DELETE FROM dataset.t WHERE TRUE", attempt=2)
    assert (outcome.outputs or {})["jobId"] == "tiercel_run2_1"
    assert fake.sent == ["tiercel_run1_1"]


async def test_a_failure_lists_what_bigquery_says(desk: Desk, fake: FakeBigQuery) -> None:
    fake.endings = [{"reason": "invalidQuery", "message": "Unrecognized name: nope at [1:8]"}]
    outcome = await desk.query("SELECT nope")
    assert outcome.state is State.FAILED
    assert outcome.error == "BigQuery: Unrecognized name: nope at [1:8]"


async def test_a_dataset_that_is_none_is_refused(desk: Desk, fake: FakeBigQuery) -> None:
    outcome = await desk.query("SELECT 1", defaultDataset="a.b.c")
    assert outcome.error == "'a.b.c' is no dataset: write dataset or project.dataset"
