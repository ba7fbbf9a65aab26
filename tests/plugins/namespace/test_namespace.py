"""The tasks on files of namespaces: what one uploads the others download, delete and purge."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.services.jobs import Place, a_job, a_place

from tiercel.services.outcome import Outcome


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with a_place(tmp_path) as place:
        yield place


async def chunks(text: str) -> AsyncIterator[bytes]:
    yield text.encode()


async def write(place: Place, path: str, text: str = "text", namespace: str = "company.team") -> str:
    return (await place.namespace_files.write(chunks(text), tenant="main", namespace=namespace, path=path)).uri


async def read(place: Place, uri: str) -> str:
    return b"".join([chunk async for chunk in place.storage.read(uri)]).decode()


async def paths(place: Place) -> list[str]:
    return [f"{file.namespace}/{file.path}" async for file in place.namespace_files.everywhere(tenant="main")]


async def run(place: Place, task: str, **properties: Any) -> Outcome:
    given = {"namespace": "company.team"} if task != "PurgeFiles" else {}
    return await place.runner.run(a_job(f"core.namespace.{task}", given | properties))


async def outputs(place: Place, task: str, **properties: Any) -> dict[str, Any]:
    outcome = await run(place, task, **properties)
    assert outcome.outputs is not None, outcome.error
    return outcome.outputs


async def test_texts_and_stored_files_become_files_of_a_namespace(place: Place) -> None:
    uri = "kestra:///company/team/a.txt"
    await place.storage.put(uri, chunks("stored"))
    given = await outputs(place, "UploadFiles", filesMap={"a.txt": uri, "dir/b.txt": "written"}, destination="/reports")
    assert sorted(given["files"]) == ["reports/a.txt", "reports/dir/b.txt"]
    assert [await read(place, uri) for uri in given["files"].values()] == ["stored", "written"]
    assert await paths(place) == ["company.team/reports/a.txt", "company.team/reports/dir/b.txt"]


async def test_files_may_be_mapped_by_json_text(place: Place) -> None:
    assert list((await outputs(place, "UploadFiles", filesMap='{"a": "b"}'))["files"]) == ["a"]


async def test_stored_files_may_be_listed_and_mapped_under_the_old_name_too(place: Place) -> None:
    uri = "kestra:///company/team/a.txt"
    await place.storage.put(uri, chunks("stored"))
    assert list((await outputs(place, "UploadFiles", files=[uri], destination="/in"))["files"]) == ["in/a.txt"]
    assert list((await outputs(place, "UploadFiles", files={"/d/b.txt": uri}))["files"]) == ["d/b.txt"]


@pytest.mark.parametrize(("conflict", "text"), [("OVERWRITE", "new"), ("SKIP", "old")])
async def test_a_file_that_is_there_is_replaced_or_left(place: Place, conflict: str, text: str) -> None:
    await write(place, "a", "old")
    await outputs(place, "UploadFiles", filesMap={"a": "new"}, conflict=conflict)
    file = await place.namespace_files.get(tenant="main", namespace="company.team", path="a")
    assert file is not None
    assert await read(place, file.uri) == text


async def test_a_file_that_is_there_fails_the_upload_where_that_is_wanted(place: Place) -> None:
    await write(place, "a", "old")
    assert "`a` is there already" in str((await run(place, "UploadFiles", filesMap={"a": "b"}, conflict="ERROR")).error)


async def test_an_upload_must_not_leave_the_namespace(place: Place) -> None:
    assert "without `..`" in str((await run(place, "UploadFiles", filesMap={"../a": "b"})).error)


async def test_an_upload_of_nothing_is_refused(place: Place) -> None:
    assert "one of `files` and `filesMap` is needed" in str((await run(place, "UploadFiles")).error)


@pytest.mark.parametrize(
    ("files", "found"),
    [("**", ["a.txt", "d/b.txt"]), (["a.txt"], ["a.txt"]), ('["d/*"]', ["d/b.txt"]), ("none", [])],
)
async def test_files_are_downloaded_by_pattern(place: Place, files: Any, found: list[str]) -> None:
    await write(place, "a.txt", "one")
    await write(place, "d/b.txt", "two")
    given = await outputs(place, "DownloadFiles", files=files, destination="in")
    assert sorted(given["files"]) == [f"/{path}" for path in found]
    assert all("/in/" in uri for uri in given["files"].values())
    assert sorted([await read(place, uri) for uri in given["files"].values()]) == sorted(
        {"a.txt": "one", "d/b.txt": "two"}[path] for path in found
    )


async def test_a_download_is_a_copy_of_the_execution(place: Place) -> None:
    await write(place, "a.txt", "one")
    [uri] = (await outputs(place, "DownloadFiles", files="a.txt"))["files"].values()
    await outputs(place, "DeleteFiles", files="a.txt")
    assert "/executions/" in uri
    assert await read(place, uri) == "one"


async def test_files_are_deleted_by_pattern(place: Place) -> None:
    uri = await write(place, "tmp/a")
    await write(place, "b")
    assert await outputs(place, "DeleteFiles", files="tmp/**") == {"files": {"tmp/a": uri}}
    assert await paths(place) == ["company.team/b"]


async def test_old_revisions_are_purged_where_it_is_meant(place: Place) -> None:
    for namespace in ("company", "company.team", "other"):
        for _ in range(3):
            await write(place, "a.txt", namespace=namespace)
    assert await outputs(place, "PurgeFiles", namespaces=["company"], includeChildNamespaces=False) == {"size": 2}
    assert await outputs(place, "PurgeFiles", namespacePattern="c*", behavior={"type": "version", "keepAmount": 2}) == {
        "size": 1
    }
    assert await outputs(place, "PurgeFiles", filePattern="b.txt") == {"size": 0}
    assert await outputs(place, "PurgeFiles") == {"size": 3}


async def test_a_plain_uri_of_a_file_reads_its_latest_revision(place: Place) -> None:
    await write(place, "a.txt", "old")
    await write(place, "a.txt", "newest")
    uri = "kestra:///company/team/_files/a.txt"
    outcome = await place.runner.run(a_job("core.storage.Size", {"uri": uri}))
    assert outcome.outputs == {"size": 6}
