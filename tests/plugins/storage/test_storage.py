"""The tasks on stored files, on real files: what they write, count and refuse."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.services.jobs import Place, a_job, a_place

from tiercel.model.states import State
from tiercel.services.outcome import Outcome

FOLDER = "kestra:///company/team/orders-flow/executions/0VexecutionexecutionA1"
ROWS = b'{"id": 1, "v": "a"}\n{"id": 2, "v": "b"}\n{"id": 1, "v": "c"}\n'


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with a_place(tmp_path) as place:
        yield place


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def stored(place: Place, name: str, content: bytes) -> str:
    uri = f"{FOLDER}/{name}"
    await place.storage.put(uri, chunks(content))
    return uri


async def content(place: Place, uri: str) -> bytes:
    return b"".join([chunk async for chunk in place.storage.read(uri)])


async def run(place: Place, task: str, **properties: Any) -> Outcome:
    given = {name.rstrip("_"): value for name, value in properties.items()}
    return await place.runner.run(a_job(f"core.storage.{task}", given))


async def outputs(place: Place, task: str, **properties: Any) -> dict[str, Any]:
    outcome = await run(place, task, **properties)
    assert outcome.outputs is not None, outcome.error
    return outcome.outputs


# Whole files


async def test_a_text_becomes_a_file(place: Place) -> None:
    given = await outputs(place, "Write", content="grüße", extension=".txt")
    assert given["uri"].endswith(".txt")
    assert await content(place, given["uri"]) == "grüße".encode()


async def test_the_size_is_in_bytes(place: Place) -> None:
    assert await outputs(place, "Size", uri=await stored(place, "a", b"12345")) == {"size": 5}


async def test_a_deleted_file_is_gone(place: Place) -> None:
    uri = await stored(place, "a", b"1")
    assert await outputs(place, "Delete", uri=uri) == {"uri": uri, "deleted": True}
    assert await outputs(place, "Delete", uri=uri) == {"uri": uri, "deleted": False}
    assert (await run(place, "Delete", uri=uri, errorOnMissing=True)).state is State.FAILED


@pytest.mark.parametrize("form", ["list", "json", "map"])
async def test_files_are_joined_in_their_order(place: Place, form: str) -> None:
    first, second = await stored(place, "a", b"1\n"), await stored(place, "b", b"2\n")
    files = {"list": [first, second], "json": f'["{first}","{second}"]', "map": f'{{"x":"{first}","y":"{second}"}}'}
    given = await outputs(place, "Concat", files=files[form], separator="-", extension=".csv")
    assert given["uri"].endswith(".csv")
    assert await content(place, given["uri"]) == b"1\n-2\n-"


async def test_what_is_no_list_of_files_is_refused(place: Place) -> None:
    assert "`files` must be a list" in str((await run(place, "Concat", files="1")).error)


@pytest.mark.parametrize(
    ("written", "turned"),
    [(b"1\n2\n3\n", b"3\n2\n1\n"), (b"1\n2", b"2\n1\n"), (b"", b""), (b"\n\n1\n", b"1\n\n\n"), (b"1", b"1\n")],
)
async def test_lines_are_turned_round(place: Place, written: bytes, turned: bytes) -> None:
    given = await outputs(place, "Reverse", from_=await stored(place, "a.txt", written))
    assert await content(place, given["uri"]) == turned


async def test_lines_are_turned_round_between_other_separators(place: Place) -> None:
    uri = await stored(place, "a.txt", "ä||b||c".encode("latin-1"))
    given = await outputs(place, "Reverse", from_=uri, separator="||", charset="ISO-8859-1")
    assert await content(place, given["uri"]) == "c||b||ä||".encode("latin-1")


async def test_all_files_of_the_execution_are_purged_and_no_others(place: Place) -> None:
    uri = await stored(place, "tasks/a/b", b"1")
    other = "kestra:///company/team/orders-flow/executions/other/a"
    await place.storage.put(other, chunks(b"1"))
    assert await outputs(place, "PurgeCurrentExecutionFiles") == {"uris": [uri]}
    assert await place.storage.exists(other)
    assert not await place.storage.exists(uri)


# Parts


async def parts(place: Place, written: bytes, **how: Any) -> list[bytes]:
    given = await outputs(place, "Split", from_=await stored(place, "a.csv", written), **how)
    assert all(uri.endswith(".csv") for uri in given["uris"])
    return [await content(place, uri) for uri in given["uris"]]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"rows": 2}, [b"1\n2\n", b"3\n4\n", b"5\n"]),
        ({"rows": 9}, [b"1\n2\n3\n4\n5\n"]),
        ({"partitions": 2}, [b"1\n3\n5\n", b"2\n4\n"]),
        ({"bytes": "5"}, [b"1\n2\n3\n", b"4\n5\n"]),
        ({"bytes": "1KB", "rows": 1}, [b"1\n2\n3\n4\n5\n"]),
        ({"partitions": 8}, [b"1\n", b"2\n", b"3\n", b"4\n", b"5\n"]),
    ],
)
async def test_a_file_is_cut_between_rows(place: Place, how: dict[str, Any], expected: list[bytes]) -> None:
    assert await parts(place, b"1\n2\n3\n4\n5", **how) == expected


async def test_rows_are_grouped_by_what_a_pattern_finds(place: Place) -> None:
    written = b"a:1\nb:2\nnothing\na:3\n"
    assert await parts(place, written, regexPattern=r"^(\w):") == [b"a:1\na:3\n", b"b:2\n"]


async def test_a_pattern_goes_before_every_other_measure(place: Place) -> None:
    groups = await parts(place, b"a:1\nb:2\na:3\n", regexPattern=r"^(\w):", rows=1, bytes=1, partitions=3)
    assert groups == [b"a:1\na:3\n", b"b:2\n"]


async def test_an_empty_file_has_no_parts(place: Place) -> None:
    assert await parts(place, b"", rows=1) == []


async def test_other_separators_cut_too(place: Place) -> None:
    assert await parts(place, b"1;2;3", rows=2, separator=";") == [b"1;2;", b"3;"]


async def test_rows_longer_than_the_buffer_stay_whole(place: Place) -> None:
    long = b"x" * 3_000_000
    assert await parts(place, long + b"\n1\n", rows=1) == [long + b"\n", b"1\n"]


@pytest.mark.parametrize("how", [{}, {"rows": 0}, {"bytes": "much"}, {"regexPattern": "no group"}, {"partitions": 501}])
async def test_a_cut_without_a_sensible_measure_is_refused(place: Place, how: dict[str, Any]) -> None:
    outcome = await run(place, "Split", from_=await stored(place, "a.csv", b"1"), **how)
    assert outcome.state is State.FAILED


@pytest.mark.parametrize(
    ("task", "properties", "why"),
    [
        ("Split", {"regexPattern": "("}, "`regexPattern` is no regular expression: missing )"),
        ("Reverse", {"charset": "NOPE"}, "there is no charset 'NOPE'; write for example UTF-8"),
    ],
)
async def test_what_cannot_be_used_is_named(place: Place, task: str, properties: dict[str, Any], why: str) -> None:
    outcome = await run(place, task, from_=await stored(place, "a.csv", b"1"), **properties)
    assert why in str(outcome.error)


# Rows


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("rows.ion", b'{id:1,v:"a"}\n{id:2,v:"b"}\n{id:1,v:"c"}\n'),
        ("rows.jsonl", ROWS),
        ("rows.json", b'[{"id": 1, "v": "a"}, {"id": 2, "v": "b"}, {"id": 1, "v": "c"}]'),
        ("rows.csv", b"id,v\n1,a\n2,b\n1,c\n"),
        ("rows", ROWS),
        ("plain", b"id,v\n1,a\n2,b\n1,c\n"),
    ],
)
async def test_the_last_row_of_each_key_stays(place: Place, name: str, written: bytes) -> None:
    given = await outputs(place, "DeduplicateItems", from_=await stored(place, name, written), expr="{{ id }}")
    assert (given["numKeys"], given["processedItemsTotal"], given["droppedItemsTotal"]) == (2, 3, 1)
    kept = (await content(place, given["uri"])).decode().replace('"1"', "1").replace('"2"', "2")
    assert kept == '{"id":2,"v":"b"}\n{"id":1,"v":"c"}\n'


@pytest.mark.parametrize(
    ("kind", "kept", "dropped"),
    [("INCLUDE", b'{"id":2,"v":"b"}\n', 2), ("EXCLUDE", b'{"id":1,"v":"a"}\n{"id":1,"v":"c"}\n', 1)],
)
async def test_rows_are_kept_by_a_condition(place: Place, kind: str, kept: bytes, dropped: int) -> None:
    uri = await stored(place, "rows.jsonl", ROWS)
    given = await outputs(place, "FilterItems", from_=uri, filterCondition="{{ id > 1 }}", filterType=kind)
    assert await content(place, given["uri"]) == kept
    assert given["droppedItemsTotal"] == dropped


@pytest.mark.parametrize(("behavior", "dropped"), [("INCLUDE", 0), ("EXCLUDE", 3)])
@pytest.mark.parametrize("condition", ["{{ absent }}", "{{ null }}"])
async def test_rows_without_an_answer_go_where_they_are_sent(
    place: Place, behavior: str, dropped: int, condition: str
) -> None:
    uri = await stored(place, "rows.jsonl", ROWS)
    given = await outputs(place, "FilterItems", from_=uri, filterCondition=condition, errorOrNullBehavior=behavior)
    assert given["droppedItemsTotal"] == dropped


async def test_a_row_without_an_answer_fails_and_is_named(place: Place) -> None:
    uri = await stored(place, "rows.jsonl", ROWS)
    outcome = await run(place, "FilterItems", from_=uri, filterCondition="{{ id == 2 ? absent : true }}")
    assert "for row 2 `filterCondition` cannot be rendered" in str(outcome.error)


async def test_a_line_that_is_no_row_fails_and_is_named(place: Place) -> None:
    uri = await stored(place, "rows.jsonl", b'{"id": 1}\n{"id":\n')
    outcome = await run(place, "FilterItems", from_=uri, filterCondition="true")
    assert "line 2 is no JSON" in str(outcome.error)


# The working folder


async def test_files_are_put_in_and_taken_out(place: Place) -> None:
    uri = await stored(place, "source.txt", b"stored")
    given = await outputs(
        place, "LocalFiles", inputs={"a.txt": "text", "d/b.txt": uri, "c.md": "left"}, outputs=["**/*.txt"]
    )
    assert {name: await content(place, uri) for name, uri in given["uris"].items()} == {
        "a.txt": b"text",
        "d/b.txt": b"stored",
    }


async def test_files_stay_within_the_folder(place: Place) -> None:
    assert "outside of the working folder" in str((await run(place, "LocalFiles", inputs={"../a": "b"})).error)
