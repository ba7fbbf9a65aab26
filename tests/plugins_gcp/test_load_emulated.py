"""Loads into the emulator: the rows are really there."""

from datetime import date, datetime

import pytest
from tests.peers.bigquery import BigQuery
from tests.plugins_gcp.conftest import Desk

from tiercel.model.states import State

pytestmark = [pytest.mark.peers, pytest.mark.timeout(300)]

CSV = b'id,name,day,at\n1,"a ""quoted"", word",2026-11-25,2026-11-25 01:02:03\n2,,2026-11-26,2026-11-25 01:02:03\n'
ROWS = [
    {"id": 1, "name": 'a "quoted", word', "day": date(2026, 11, 25), "at": datetime(2026, 11, 25, 1, 2, 3)},
    {"id": 2, "name": None, "day": date(2026, 11, 26), "at": datetime(2026, 11, 25, 1, 2, 3)},
]
ALL = "SELECT * FROM dataset.events ORDER BY id"


async def test_a_csv_makes_the_table_and_its_columns(desk: Desk, emulator: BigQuery) -> None:
    outcome = await desk.load("a.csv", CSV)
    assert (outcome.state, outcome.error) == (State.SUCCESS, None)
    assert (outcome.outputs or {})["rows"] == 2
    assert emulator.rows(ALL) == ROWS


async def test_a_second_load_appends(desk: Desk, emulator: BigQuery) -> None:
    await desk.load("a.csv", CSV)
    assert (await desk.load("a.csv", CSV)).state is State.SUCCESS
    assert len(emulator.rows(ALL)) == 4


async def test_a_load_can_replace_what_is_there(desk: Desk, emulator: BigQuery) -> None:
    await desk.load("a.csv", CSV)
    await desk.load("a.csv", CSV, writeDisposition="WRITE_TRUNCATE")
    assert emulator.rows(ALL) == ROWS


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", b'{"id":1,"name":"x"}\n{"id":2,"name":null}\n'),
        ("a.ion", b'{id:1,name:"x"}\n{id:2,name:null.string}\n'),
        ("nameless", b'{"id":1,"name":"x"}\n{"id":2}\n'),
    ],
)
async def test_lines_of_values_become_rows(desk: Desk, emulator: BigQuery, name: str, content: bytes) -> None:
    outcome = await desk.load(name, content)
    assert (outcome.state, outcome.error) == (State.SUCCESS, None)
    assert emulator.rows(ALL) == [{"id": 1, "name": "x"}, {"id": 2, "name": None}]


async def test_a_header_alone_leaves_no_table_behind(desk: Desk, emulator: BigQuery) -> None:
    outcome = await desk.load("a.csv", b"id,name\n")
    assert (outcome.state, (outcome.outputs or {})["rows"]) == (State.SUCCESS, 0)
    with emulator.client() as client:
        assert list(client.list_tables("dataset")) == []


async def test_a_value_of_the_wrong_type_fails_and_names_the_column(desk: Desk, emulator: BigQuery) -> None:
    await desk.load("a.csv", CSV)
    outcome = await desk.load("b.csv", b"id,name,day,at\nseven,x,2026-11-25,2026-11-25 01:02:03\n")
    assert outcome.state is State.FAILED
    assert "project.dataset.events" in (outcome.error or "")
    assert '"id"' in (outcome.error or "")
    assert emulator.rows(ALL) == ROWS
