"""Which files of internal storage belong to executions, and where it is looked for them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from tiercel.adapters.storage.files import ObjectStorage
from tiercel.ports.reader import Reader
from tiercel.services.purge_files import AT_ONCE, FilePurge, place_of

SOON = datetime(2100, 1, 1, tzinfo=UTC)
ID = "0Vc1cSFX1DR5iAYDUFajKG"


class Nobody:
    """A reader that knows no execution."""

    async def executions(self, tenant: str, ids: list[str]) -> list[Any]:
        return []


async def chunks() -> AsyncIterator[bytes]:
    yield b"x"


@pytest.fixture
def storage(tmp_path: Path) -> ObjectStorage:
    return ObjectStorage.in_folder(tmp_path)


async def purged(
    storage: ObjectStorage, *, namespace: str | None = None, flow_id: str | None = None
) -> tuple[int, ...]:
    purge = FilePurge(reader=cast(Reader, Nobody()), storage=storage)
    found = await purge.of("main", namespace=namespace, flow_id=flow_id, start=None, end=SOON, dry_run=False)
    return found.scanned, found.executions, found.files


@pytest.mark.parametrize(
    ("namespace", "flow_id", "place"),
    [
        (None, None, "kestra:///"),
        ("company.team", None, "kestra:///company/team/"),
        ("company.team", "my_flow", "kestra:///company/team/my-flow/"),
    ],
)
def test_it_is_looked_where_the_namespace_or_the_flow_has_its_files(
    namespace: str | None, flow_id: str | None, place: str
) -> None:
    assert place_of(namespace, flow_id) == place


@pytest.mark.parametrize(
    "path",
    [
        f"company/_files/executions/{ID}/a.txt",
        f"company/team/flow/_cache/executions/{ID}/a.txt",
        "company/team/flow/executions/short/a.txt",
        "company/team/flow/a.txt",
    ],
)
async def test_what_is_no_file_of_an_execution_stays(storage: ObjectStorage, path: str) -> None:
    await storage.put(f"kestra:///{path}", chunks())
    assert await purged(storage) == (0, 0, 0)
    assert await storage.exists(f"kestra:///{path}")


async def test_a_namespace_may_be_called_executions(storage: ObjectStorage) -> None:
    await storage.put(f"kestra:///company/executions/flow/executions/{ID}/a.txt", chunks())
    assert await purged(storage, namespace="company.executions") == (1, 1, 1)


async def test_those_of_many_executions_go_and_those_beside_stay(storage: ObjectStorage) -> None:
    for number in range(AT_ONCE + 5):
        folder = f"kestra:///company/team/flow/executions/{ID}{number:03}"
        await storage.put(f"{folder}/inputs/a.txt", chunks())
        await storage.put(f"{folder}/tasks/b.txt", chunks())
    await storage.put(f"kestra:///companion/flow/executions/{ID}/a.txt", chunks())
    assert await purged(storage, namespace="company") == (AT_ONCE + 5, AT_ONCE + 5, 2 * (AT_ONCE + 5))
    assert await purged(storage) == (1, 1, 1)
