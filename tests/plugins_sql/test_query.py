"""postgresql.Query on a real server: rows as files and values, parameters, zones, failures that name the thing."""

import asyncio
import csv
import io
import os
from pathlib import Path
from typing import Any

import pytest
from tests.adapters.postgres.samples import a_look
from tests.plugins_sql.conftest import PREFIX, Source
from tests.services.jobs import a_job

from tiercel.model.states import State

SHAPES = """
CREATE TABLE shapes (
  id int, name text, note text, price numeric(12,4), ratio float8, flag bool, day date, at timestamp, zoned timestamptz,
  data jsonb, tags text[], raw bytea, uid uuid, span interval
);
INSERT INTO shapes VALUES
  (1, 'a "quoted", value', 'two
lines', 12.5000, 0.1, true, '2026-11-24', '2026-11-24 02:00:00', '2026-11-24 02:00:00+00', '{"a": [1, null]}',
  ARRAY['x', 'y,z'], '\\x00ff', '2b1f3d8e-0b1c-4c8e-9f0a-0123456789ab', '1 day 02:03:04.5'),
  (2, '', NULL, 0.0001, 'NaN', false, NULL, NULL, NULL, 'null', ARRAY[]::text[], '', NULL, NULL);
"""
FIRST = {
    "id": 1,
    "name": 'a "quoted", value',
    "note": "two\nlines",
    "price": 12.5,
    "ratio": 0.1,
    "flag": True,
    "day": "2026-11-24",
    "data": {"a": [1, None]},
    "tags": ["x", "y,z"],
    "raw": "AP8=",
    "uid": "2b1f3d8e-0b1c-4c8e-9f0a-0123456789ab",
    "span": "P1DT2H3M4.5S",
}


@pytest.fixture
async def shapes(source: Source) -> Source:
    await source.execute(SHAPES)
    return source


class TestStore:
    async def test_csv_has_a_header_and_tells_null_from_empty(self, shapes: Source) -> None:
        outputs = await shapes.run(sql="SELECT id, name, note, price, flag FROM shapes ORDER BY id", store=True)
        assert outputs["size"] == 2
        assert outputs["uri"].endswith("query.csv")
        assert await shapes.text(outputs["uri"]) == (
            'id,name,note,price,flag\n1,"a ""quoted"", value","two\nlines",12.5000,true\n2,"",,0.0001,false\n'
        )

    async def test_csv_of_every_shape_of_value(self, shapes: Source) -> None:
        sql = "SELECT day, at, zoned, data, tags, raw, uid, span FROM shapes WHERE id = 1"
        outputs = await shapes.run(sql=sql, store=True, timeZoneId="UTC")
        (row,) = list(csv.DictReader(io.StringIO(await shapes.text(outputs["uri"]))))
        assert row == {
            "day": "2026-11-24",
            "at": "2026-11-24 02:00:00.000000",
            "zoned": "2026-11-24 02:00:00.000000+00:00",
            "data": '{"a":[1,null]}',
            "tags": '["x","y,z"]',
            "raw": "AP8=",
            "uid": "2b1f3d8e-0b1c-4c8e-9f0a-0123456789ab",
            "span": "P1DT2H3M4.5S",
        }

    async def test_ion_is_what_the_newer_spelling_writes(self, shapes: Source) -> None:
        outputs = await shapes.run(sql="SELECT id, note, price, zoned FROM shapes ORDER BY id", fetchType="STORE")
        assert outputs["uri"].endswith("query.ion")
        first, second = (await shapes.text(outputs["uri"])).splitlines()
        assert first.startswith('{"id":1,"note":"two\\nlines","price":12.5000,"zoned":2026-11-24T')
        assert second == '{"id":2,"note":null,"price":0.0001,"zoned":null}'

    async def test_a_format_may_be_named(self, shapes: Source) -> None:
        outputs = await shapes.run(sql="SELECT id, tags FROM shapes", fetchType="STORE", format="JSONL")
        assert (await shapes.text(outputs["uri"])).splitlines()[0] == '{"id":1,"tags":["x","y,z"]}'

    @pytest.mark.parametrize(("given", "text"), [({"store": True}, "id,name\n"), ({"fetchType": "STORE"}, "")])
    async def test_without_rows_there_is_a_file_all_the_same(
        self, shapes: Source, given: dict[str, Any], text: str
    ) -> None:
        outputs = await shapes.run(sql="SELECT id, name FROM shapes WHERE false", **given)
        assert outputs["size"] == 0
        assert await shapes.text(outputs["uri"]) == text

    async def test_many_rows_do_not_grow_memory(self, source: Source) -> None:
        sql = "SELECT n, repeat('x', 2000) AS text FROM generate_series(1, {}) AS n"
        _peak()
        await source.run(sql=sql.format(20_000), store=True)
        before = _peak()
        outputs = await source.run(sql=sql.format(60_000), store=True)
        assert outputs["size"] == 60_000
        assert _peak() - before < 30, "40 MB went through first, then 120"


class TestFetch:
    async def test_rows_are_values_of_json_types(self, shapes: Source) -> None:
        outputs = await shapes.run(sql=f"SELECT {', '.join(FIRST)} FROM shapes ORDER BY id", fetchType="FETCH")
        assert outputs["size"] == 2
        assert outputs["rows"][0] == FIRST
        assert outputs["rows"][1]["ratio"] == "nan"
        assert "uri" not in outputs

    @pytest.mark.parametrize("given", [{"fetchType": "FETCH_ONE"}, {"fetchOne": True}])
    async def test_one_is_the_first_row(self, shapes: Source, given: dict[str, Any]) -> None:
        outputs = await shapes.run(sql="SELECT id FROM shapes ORDER BY id", **given)
        assert outputs == {"row": {"id": 1}, "size": 1}

    async def test_one_of_none_is_nothing(self, shapes: Source) -> None:
        assert await shapes.run(sql="SELECT id FROM shapes WHERE false", fetchType="FETCH_ONE") == {"size": 0}
        outputs = await shapes.run(sql="SELECT id FROM shapes WHERE false", fetchType="FETCH")
        assert outputs == {"rows": [], "size": 0}

    async def test_the_older_spelling_is_understood(self, shapes: Source) -> None:
        assert (await shapes.run(sql="SELECT id FROM shapes ORDER BY id", fetch=True))["rows"] == [{"id": 1}, {"id": 2}]

    @pytest.mark.parametrize("given", [{}, {"fetchType": "NONE"}])
    async def test_none_of_the_rows_is_kept_where_nobody_wants_them(
        self, shapes: Source, given: dict[str, Any]
    ) -> None:
        assert await shapes.run(sql="DELETE FROM shapes WHERE id = 2", **given) == {}
        assert await shapes.value("SELECT count(*) FROM shapes") == 1

    @pytest.mark.parametrize("wanted", ["FETCH", "STORE", "FETCH_ONE"])
    async def test_a_statement_without_rows_may_be_asked_for_some(self, shapes: Source, wanted: str) -> None:
        outputs = await shapes.run(sql="UPDATE shapes SET name = 'b'", fetchType=wanted)
        assert outputs["size"] == 0
        assert await shapes.value("SELECT count(*) FROM shapes WHERE name = 'b'") == 2


class TestParameters:
    async def test_are_values_and_never_text_of_the_statement(self, shapes: Source) -> None:
        evil = "'; DROP TABLE shapes; --"
        outputs = await shapes.run(
            sql="SELECT :name AS name, :n::int + 1 AS n, ':name' AS quoted, 5 % 3 AS rest",
            parameters={"name": evil, "n": 4},
            fetchType="FETCH_ONE",
        )
        assert outputs["row"] == {"name": evil, "n": 5, "quoted": ":name", "rest": 2}
        assert await shapes.value("SELECT count(*) FROM shapes") == 2

    async def test_that_are_missing_are_named(self, source: Source) -> None:
        assert ":nobody" in await source.error(sql="SELECT :nobody", parameters={"n": 1})

    async def test_a_rendered_text_is_part_of_the_statement(self, shapes: Source) -> None:
        job = a_job(
            f"{PREFIX}Query",
            {"url": shapes.url, "sql": "SELECT id FROM shapes WHERE day = '{{ inputs.date }}'", "fetch": True},
            variables={"inputs": {"date": "2026-11-24"}},
        )
        outcome = await shapes.place.runner.run(job)
        assert outcome.outputs is not None
        assert outcome.outputs["rows"] == [{"id": 1}]


class TestTransaction:
    async def test_what_comes_after_is_part_of_it(self, shapes: Source) -> None:
        outputs = await shapes.run(sql="SELECT id FROM shapes", afterSQL="DELETE FROM shapes", fetchType="FETCH")
        assert outputs["size"] == 2
        assert await shapes.value("SELECT count(*) FROM shapes") == 0

    async def test_nothing_is_kept_when_what_comes_after_fails(self, shapes: Source) -> None:
        await shapes.error(sql="DELETE FROM shapes", afterSQL="SELECT nothing FROM nowhere")
        assert await shapes.value("SELECT count(*) FROM shapes") == 2


class TestZones:
    @pytest.mark.parametrize(("zone", "text"), [("Asia/Karachi", "T07:00:00+05:00"), ("UTC", "T02:00:00+00:00")])
    async def test_instants_are_shown_in_the_zone_of_the_session(self, shapes: Source, zone: str, text: str) -> None:
        sql = "SELECT zoned FROM shapes WHERE id = 1"
        outputs = await shapes.run(sql=sql, fetchType="FETCH_ONE", timeZoneId=zone)
        assert outputs["row"] == {"zoned": f"2026-11-24{text}"}

    async def test_one_that_nobody_knows_is_named(self, source: Source) -> None:
        assert "Moon/Base" in await source.error(sql="SELECT 1", timeZoneId="Moon/Base")


class TestFailures:
    async def test_a_column_that_is_not_there_is_named_with_its_place(self, shapes: Source) -> None:
        error = await shapes.error(sql="SELECT nope FROM shapes", fetchType="FETCH")
        assert 'column "nope" does not exist' in error

    async def test_a_database_that_is_not_there_is_named(self, source: Source) -> None:
        assert "nowhere" in await source.error(url="jdbc:postgresql:///nowhere", sql="SELECT 1")

    async def test_a_server_that_is_stopped_is_named(self, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("PGHOST")
        error = await source.error(url="jdbc:postgresql://127.0.0.1:1/analytics", sql="SELECT 1")
        assert "127.0.0.1:1/analytics" in error

    async def test_an_address_of_another_database_is_refused(self, source: Source) -> None:
        assert "jdbc:postgresql://host:5432" in await source.error(url="jdbc:mysql://h/d", sql="SELECT 1")

    async def test_a_setting_that_nobody_knows_is_named(self, source: Source) -> None:
        assert "colour" in await source.error(url=f"postgresql://{source.url[18:]}?colour=red", sql="SELECT 1")

    async def test_a_server_that_goes_away_meanwhile_fails_the_task(self, source: Source) -> None:
        async with a_look(source.dsn) as connection:
            running = asyncio.create_task(source.error(sql="SELECT pg_sleep(60)"))
            await source.at_work(connection, wanted=1)
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tiercel'"
            )
            assert "terminat" in await running


async def test_a_password_is_not_told(source: Source) -> None:
    outcome = await source.outcome(sql="SELECT 'geheim' AS word, nope", username="nobody", password="geheim")
    assert outcome.state is State.FAILED
    assert "geheim" not in str(outcome.error) + str(await source.place.lines())


@pytest.mark.parametrize("wanted", ["NONE", "STORE"])
async def test_a_kill_ends_the_statement_on_the_server(source: Source, wanted: str) -> None:
    sql = "SELECT n, pg_sleep(0.01) FROM generate_series(1, 100000) AS n"
    attempt = source.place.runner.begin(a_job(f"{PREFIX}Query", {"url": source.url, "sql": sql, "fetchType": wanted}))
    async with a_look(source.dsn) as connection:
        running = asyncio.create_task(attempt.outcome())
        await source.at_work(connection, wanted=1)
        attempt.kill()
        assert (await running).state is State.KILLED
        await source.at_work(connection, wanted=0)


def _peak() -> int:
    """The most memory this process had since it was last asked, in megabytes."""
    status = Path("/proc/self/status").read_text()
    Path("/proc/self/clear_refs").write_text("5")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) // 1024


def test_the_peak_of_memory_is_measured() -> None:
    _peak()
    assert len(os.urandom(64_000_000)) > 0
    assert _peak() - _peak() > 30
