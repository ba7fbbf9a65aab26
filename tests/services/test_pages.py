"""Values of a file come page by page, each from where the one before ended; outputs go to files of the execution."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.services.jobs import a_job

from tiercel.adapters.storage.files import ObjectStorage
from tiercel.expression import ExpressionError
from tiercel.services import pages
from tiercel.services.pages import read_page, store_outputs
from tiercel.services.run_context import run_info

URI = "kestra:///company/team/executions/e/values.txt"


@pytest.fixture
def storage(tmp_path: Path) -> ObjectStorage:
    return ObjectStorage.in_folder(tmp_path)


async def put(storage: ObjectStorage, text: str, uri: str = URI) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield text.encode()

    await storage.put(uri, chunks())


async def all_pages(storage: ObjectStorage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [await read_page(storage, URI, 0)]
    while found[-1]["further"] is not None:
        found.append(await read_page(storage, URI, found[-1]["further"]))
    return found


async def test_lines_are_values_and_blank_ones_are_not(storage: ObjectStorage) -> None:
    await put(storage, "one\r\n\n  \ntwo ö\nlast")
    assert await read_page(storage, URI, 0) == {"values": ["one", "two ö", "last"], "further": None}


async def test_pages_end_between_lines_and_lose_none(storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_VALUES", 3)
    await put(storage, "".join(f"{number}\n" for number in range(8)))
    found = await all_pages(storage)
    assert [page["values"] for page in found] == [["0", "1", "2"], ["3", "4", "5"], ["6", "7"]]


async def test_long_lines_end_a_page_early(storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_BYTES", 4)
    await put(storage, "aaaa\nbbbb\nc\n")
    assert [page["values"] for page in await all_pages(storage)] == [["aaaa"], ["bbbb"], ["c"]]


async def test_an_empty_file_has_no_value(storage: ObjectStorage) -> None:
    await put(storage, "")
    assert await read_page(storage, URI, 0) == {"values": [], "further": None}


async def test_a_line_without_end_is_refused(storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LONGEST_LINE", 10)
    await put(storage, "x" * 100)
    with pytest.raises(ExpressionError, match="more than 10 bytes"):
        await read_page(storage, URI, 0)


async def test_rows_of_ion_are_json_and_texts_are_themselves(storage: ObjectStorage) -> None:
    uri = URI.replace(".txt", ".ion")
    await put(storage, '{a:1,b:"x"}\n"text"\n3\n', uri)
    assert (await read_page(storage, uri, 0))["values"] == ['{"a":1,"b":"x"}', "text", "3"]


async def test_outputs_have_one_place_however_often_they_are_stored(storage: ObjectStorage) -> None:
    info = run_info(a_job("any"))
    uri = await store_outputs(storage, {"o": "x"}, info)
    assert await store_outputs(storage, {"o": "x"}, info) == uri
    assert b"".join([chunk async for chunk in storage.read(uri)]) == b'{o:"x"}\n'
