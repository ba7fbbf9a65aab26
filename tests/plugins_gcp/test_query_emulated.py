"""Queries on the emulator: rows fetched, stored, written."""

import json
from typing import Any

import pytest
from tests.peers.bigquery import BigQuery
from tests.plugins_gcp.conftest import Desk

from tiercel.model.states import State
from tiercel.services.outcome import Outcome

pytestmark = [pytest.mark.peers, pytest.mark.timeout(300)]

TWO_ROWS = "SELECT 1 AS id, 'a,b' AS name UNION ALL SELECT 2, NULL ORDER BY 1"
RECORDS = [{"id": 1, "name": "a,b"}, {"id": 2, "name": None}]
VALUES = """
SELECT NUMERIC '1.10' AS money, 0.1 AS near, TRUE AS yes, [1, 2] AS list, STRUCT(1 AS x, 'y' AS z) AS record,
  b'hi' AS raw, DATE '2026-11-25' AS day, TIMESTAMP '2026-11-25 01:02:03.5+00' AS at, CAST(NULL AS STRING) AS nothing,
  INTERVAL '1-2 3 4:5:6.5' YEAR TO SECOND AS span
"""


def outputs(outcome: Outcome) -> dict[str, Any]:
    assert (outcome.state, outcome.error) == (State.SUCCESS, None)
    return dict(outcome.outputs or {})


@pytest.mark.parametrize("properties", [{"fetchType": "FETCH"}, {"fetch": True}])
async def test_all_rows_are_fetched(desk: Desk, emulator: BigQuery, properties: dict[str, Any]) -> None:
    given = outputs(await desk.query(TWO_ROWS, **properties))
    assert (given["rows"], given["size"]) == (RECORDS, 2)


@pytest.mark.parametrize("properties", [{"fetchType": "FETCH_ONE"}, {"fetchOne": True}])
async def test_the_first_row_is_fetched(desk: Desk, emulator: BigQuery, properties: dict[str, Any]) -> None:
    given = outputs(await desk.query(TWO_ROWS, **properties))
    assert (given["row"], given["size"]) == (RECORDS[0], 1)


async def test_no_row_gives_none(desk: Desk, emulator: BigQuery) -> None:
    given = outputs(await desk.query("SELECT 1 AS id FROM (SELECT 1) WHERE FALSE", fetchType="FETCH_ONE"))
    assert ("row" in given, given["size"]) == (False, 0)


async def test_values_are_given_as_json_types(desk: Desk, emulator: BigQuery) -> None:
    row = outputs(await desk.query(VALUES, fetchType="FETCH_ONE"))["row"]
    assert json.loads(json.dumps(row)) == {
        "money": 1.1,
        "near": 0.1,
        "yes": True,
        "list": [1, 2],
        "record": {"x": 1, "z": "y"},
        "raw": "aGk=",
        "day": "2026-11-25",
        "at": "2026-11-25T01:02:03.500000+00:00",
        "nothing": None,
        "span": "P1Y2M3DT4H5M6.5S",
    }


@pytest.mark.parametrize(
    ("properties", "name", "content"),
    [
        ({"store": True}, "query.csv", b'id,name\n1,"a,b"\n2,\n'),
        ({"fetchType": "STORE", "format": "CSV"}, "query.csv", b'id,name\n1,"a,b"\n2,\n'),
        ({"fetchType": "STORE"}, "query.ion", b'{"id":1,"name":"a,b"}\n{"id":2,"name":null}\n'),
        ({"store": True, "format": "JSONL"}, "query.jsonl", b'{"id":1,"name":"a,b"}\n{"id":2,"name":null}\n'),
    ],
)
async def test_rows_are_stored(
    desk: Desk, emulator: BigQuery, properties: dict[str, Any], name: str, content: bytes
) -> None:
    given = outputs(await desk.query(TWO_ROWS, **properties))
    assert (given["uri"].rpartition("/")[2], given["size"]) == (name, 2)
    assert await desk.read(given["uri"]) == content


async def test_more_rows_than_a_page_are_stored(desk: Desk, emulator: BigQuery) -> None:
    given = outputs(await desk.query("SELECT n FROM UNNEST(GENERATE_ARRAY(1, 2500)) AS n ORDER BY n", store=True))
    lines = (await desk.read(given["uri"])).decode().split()
    assert (given["size"], lines) == (2500, ["n", *map(str, range(1, 2501))])


async def test_no_more_rows_are_taken_than_wanted(desk: Desk, emulator: BigQuery) -> None:
    given = outputs(await desk.query("SELECT n FROM UNNEST([1, 2, 3]) AS n ORDER BY n", fetch=True, maxResults=2))
    assert given["rows"] == [{"n": 1}, {"n": 2}]


async def test_what_was_stored_can_be_loaded(desk: Desk, emulator: BigQuery) -> None:
    stored = outputs(await desk.query(TWO_ROWS, fetchType="STORE"))
    outputs(await desk.load("copy.ion", await desk.read(stored["uri"])))
    assert emulator.rows("SELECT * FROM dataset.events ORDER BY id") == RECORDS


async def test_a_dry_run_changes_nothing(desk: Desk, emulator: BigQuery) -> None:
    outputs(await desk.query("CREATE TABLE dataset.dry AS SELECT 1 AS a", dryRun=True))
    with emulator.client() as client:
        assert list(client.list_tables("dataset")) == []


async def test_an_unknown_column_is_named(desk: Desk, emulator: BigQuery) -> None:
    outcome = await desk.query("SELECT nope FROM (SELECT 1 AS a)")
    assert outcome.state is State.FAILED
    assert "nope" in (outcome.error or "")


async def test_an_unknown_dataset_is_named(desk: Desk, emulator: BigQuery) -> None:
    outcome = await desk.query("SELECT 1 FROM nowhere.t")
    assert (outcome.error or "").startswith("dataset nowhere does not exist in project project, create it")
