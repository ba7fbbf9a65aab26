"""What a load sends, and what it makes of the answer: against a fake, which keeps what it was sent."""

import json

import pytest
from tests.plugins_gcp.conftest import Desk
from tests.plugins_gcp.fake import FakeBigQuery

from tiercel.model.states import State

CSV = b"id,name\n1,x\n2,y\n"
COLUMNS = [{"name": "id", "type": "INTEGER"}, {"name": "name", "type": "STRING"}]
TABLE = "dataset.events"


def names(fields: list[dict[str, str]]) -> list[str]:
    return [field["name"] for field in fields]


async def test_the_file_is_sent_as_it_is_and_the_outputs_tell_of_the_job(desk: Desk, fake: FakeBigQuery) -> None:
    outcome = await desk.load("a.csv", CSV, run="run-1")
    assert outcome.state is State.SUCCESS
    assert outcome.outputs == {"jobId": "tiercel_run-1_1", "destinationTable": "project.dataset.events", "rows": 2}
    assert fake.bodies == [CSV]
    assert fake.load["destinationTable"] == {"projectId": "project", "datasetId": "dataset", "tableId": "events"}


async def test_rows_are_appended_unless_said_otherwise(desk: Desk, fake: FakeBigQuery) -> None:
    await desk.load("a.csv", CSV)
    assert fake.load["writeDisposition"] == "WRITE_APPEND"


async def test_columns_of_a_new_table_are_guessed(desk: Desk, fake: FakeBigQuery) -> None:
    await desk.load("a.csv", CSV)
    assert fake.load["autodetect"] is True
    assert fake.load["allowQuotedNewlines"] is True
    assert "schema" not in fake.load


async def test_nothing_is_guessed_where_autodetect_is_false(desk: Desk, fake: FakeBigQuery) -> None:
    await desk.load("a.csv", CSV, autodetect=False)
    assert "autodetect" not in fake.load


async def test_a_schema_that_is_given_is_sent(desk: Desk, fake: FakeBigQuery) -> None:
    await desk.load("a.json", b'{"id": 1}\n', schema={"fields": COLUMNS})
    assert names(fake.load["schema"]["fields"]) == ["id", "name"]
    assert "autodetect" not in fake.load


async def test_a_header_that_names_the_columns_of_a_given_schema_is_skipped(desk: Desk, fake: FakeBigQuery) -> None:
    await desk.load("a.csv", b"name,id\nx,1\n", schema={"fields": COLUMNS})
    assert names(fake.load["schema"]["fields"]) == ["name", "id"]
    assert fake.load["skipLeadingRows"] == "1"


async def test_a_single_row_for_a_given_schema_is_loaded(desk: Desk, fake: FakeBigQuery) -> None:
    assert (await desk.load("a.csv", b"1,x\n", schema={"fields": COLUMNS})).state is State.SUCCESS
    assert fake.bodies == [b"1,x\n"]


async def test_the_columns_of_a_table_that_is_there_come_in_the_order_of_the_file(
    desk: Desk, fake: FakeBigQuery
) -> None:
    fake.tables[TABLE] = COLUMNS
    await desk.load("a.csv", b"name,id\nx,1\n")
    assert names(fake.load["schema"]["fields"]) == ["name", "id"]
    assert fake.load["skipLeadingRows"] == "1"
    assert "autodetect" not in fake.load


async def test_a_file_without_a_header_is_loaded_from_its_first_line(desk: Desk, fake: FakeBigQuery) -> None:
    fake.tables[TABLE] = COLUMNS
    await desk.load("a.csv", b"1,x\n2,y\n")
    assert "skipLeadingRows" not in fake.load
    assert "schema" not in fake.load


async def test_a_wrong_column_is_named_and_nothing_is_sent(desk: Desk, fake: FakeBigQuery) -> None:
    fake.tables[TABLE] = COLUMNS
    outcome = await desk.load("a.csv", b"id,nam\n1,x\n")
    assert outcome.state is State.FAILED
    assert outcome.error == "table project.dataset.events has no column nam; its columns are id, name"
    assert fake.sent == []


async def test_a_new_column_is_left_to_bigquery_where_the_task_allows_it(desk: Desk, fake: FakeBigQuery) -> None:
    fake.tables[TABLE] = COLUMNS
    await desk.load("a.csv", b"id,new\n1,x\n", schemaUpdateOptions=["ALLOW_FIELD_ADDITION"])
    assert fake.load["autodetect"] is True
    assert fake.load["schemaUpdateOptions"] == ["ALLOW_FIELD_ADDITION"]


async def test_lines_to_skip_that_are_given_are_skipped_and_no_header_is_looked_for(
    desk: Desk, fake: FakeBigQuery
) -> None:
    fake.tables[TABLE] = COLUMNS
    await desk.load("a.csv", b"a report\nid,nam\n1,x\n", csvOptions={"skipLeadingRows": 2})
    assert fake.load["skipLeadingRows"] == "2"
    assert "schema" not in fake.load


async def test_a_header_alone_for_a_new_table_creates_nothing_and_warns(desk: Desk, fake: FakeBigQuery) -> None:
    outcome = await desk.load("a.csv", b"id,name\n")
    assert outcome.state is State.SUCCESS
    assert outcome.outputs == {"jobId": None, "destinationTable": "project.dataset.events", "rows": 0}
    assert fake.sent == []
    assert await desk.levels("nothing was created") == {"WARN"}


async def test_a_header_alone_for_a_table_that_is_there_is_no_row(desk: Desk, fake: FakeBigQuery) -> None:
    fake.tables[TABLE] = COLUMNS
    outcome = await desk.load("a.csv", b"id,name\n")
    assert (outcome.state, (outcome.outputs or {})["rows"]) == (State.SUCCESS, 0)
    assert fake.sent == []
    assert await desk.levels("nothing to load") == {"INFO"}


async def test_a_header_alone_replaces_the_rows_of_a_table_by_none(desk: Desk, fake: FakeBigQuery) -> None:
    fake.tables[TABLE] = COLUMNS
    await desk.load("a.csv", b"id,name\n", writeDisposition="WRITE_TRUNCATE")
    assert fake.load["skipLeadingRows"] == "1"


async def test_a_single_row_for_a_table_that_is_there_is_loaded(desk: Desk, fake: FakeBigQuery) -> None:
    fake.tables[TABLE] = COLUMNS
    await desk.load("a.csv", b"1,x\n")
    assert fake.bodies == [b"1,x\n"]


async def test_a_file_of_no_bytes_fails(desk: Desk, fake: FakeBigQuery) -> None:
    outcome = await desk.load("a.csv", b"")
    assert outcome.state is State.FAILED
    assert "a.csv is empty: nothing to load into project.dataset.events" in (outcome.error or "")


async def test_a_file_of_no_bytes_passes_where_the_task_says_so(desk: Desk, fake: FakeBigQuery) -> None:
    outcome = await desk.load("a.csv", b"", failedOnEmpty=False)
    assert (outcome.state, (outcome.outputs or {})["rows"]) == (State.SUCCESS, 0)


async def test_ion_is_sent_as_json_lines(desk: Desk, fake: FakeBigQuery) -> None:
    await desk.load("a.ion", b'{id:1,name:"x"}\n')
    assert fake.load["sourceFormat"] == "NEWLINE_DELIMITED_JSON"
    assert json.loads(fake.bodies[0]) == {"id": 1, "name": "x"}


async def test_a_format_that_is_given_wins_over_the_extension(desk: Desk, fake: FakeBigQuery) -> None:
    await desk.load("a.csv", b"Obj\x01", format="AVRO", avroOptions={"useAvroLogicalTypes": True})
    assert fake.load["sourceFormat"] == "AVRO"
    assert fake.load["useAvroLogicalTypes"] is True


async def test_every_option_reaches_the_job(desk: Desk, fake: FakeBigQuery) -> None:
    await desk.load(
        "a.csv",
        CSV,
        writeDisposition="WRITE_TRUNCATE",
        createDisposition="CREATE_NEVER",
        ignoreUnknownValues=True,
        maxBadRecords=3,
        clusteringFields=["id"],
        timePartitioningField="day",
        timePartitioningType="MONTH",
        csvOptions={"allowJaggedRows": True, "fieldDelimiter": ";", "quote": "'", "encoding": "ISO-8859-1"},
    )
    sent = fake.load
    assert sent["writeDisposition"] == "WRITE_TRUNCATE"
    assert sent["createDisposition"] == "CREATE_NEVER"
    assert sent["ignoreUnknownValues"] is True
    assert sent["maxBadRecords"] == 3
    assert sent["clustering"] == {"fields": ["id"]}
    assert sent["timePartitioning"] == {"type": "MONTH", "field": "day"}
    assert (sent["allowJaggedRows"], sent["fieldDelimiter"], sent["quote"], sent["encoding"]) == (
        True,
        ";",
        "'",
        "ISO-8859-1",
    )


async def test_the_job_runs_where_the_dataset_is(desk: Desk, fake: FakeBigQuery) -> None:
    await desk.load("a.csv", CSV)
    (identifier,) = fake.sent
    assert fake.jobs[identifier]["jobReference"]["location"] == "EU"


async def test_a_missing_dataset_is_named_and_nothing_is_sent(desk: Desk, fake: FakeBigQuery) -> None:
    outcome = await desk.load("a.csv", CSV, destinationTable="project.nowhere.events")
    assert outcome.state is State.FAILED
    assert "dataset nowhere does not exist in project project, create it or" in (outcome.error or "")
    assert fake.sent == []


async def test_a_job_that_fails_fails_the_task_with_what_bigquery_lists(desk: Desk, fake: FakeBigQuery) -> None:
    fake.endings = [{"reason": "invalid", "message": "row 7: no integer: 'x'"}]
    outcome = await desk.load("a.csv", CSV)
    assert outcome.state is State.FAILED
    assert outcome.error == "BigQuery (project.dataset.events): row 7: no integer: 'x'"


async def test_the_numbers_of_the_job_become_metrics(desk: Desk, fake: FakeBigQuery) -> None:
    await desk.load("a.csv", CSV)
    entries, _ = await desk.place.logs.metrics("0VexecutionexecutionA1", page=1, size=100)
    numbers = {entry.name: entry.value for entry in entries}
    assert numbers == {
        "duration": 2500,
        "input.files": 1,
        "input.bytes": 20,
        "output.bytes": 16,
        "output.rows": 2,
    }


@pytest.mark.parametrize("attempt", [1, 2])
async def test_a_table_without_a_project_is_in_that_of_the_task(desk: Desk, fake: FakeBigQuery, attempt: int) -> None:
    outcome = await desk.load("a.csv", CSV, destinationTable="dataset.events", projectId="project", attempt=attempt)
    assert (outcome.outputs or {})["destinationTable"] == "project.dataset.events"
