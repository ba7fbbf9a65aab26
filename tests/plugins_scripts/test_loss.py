"""A worker is killed while a script runs: the next one ends the script and removes what is left of it."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from tests.plugins_scripts.scripts import SHELL, a_shop
from tests.plugins_scripts.test_process import gone

from tiercel.services.leftovers import clear_leftovers

SCRIPT = "setsid sh -c 'echo $$ > {up}.2; mv {up}.2 {up}.b; sleep 600' & echo $$ > {up}.1; mv {up}.1 {up}.a; wait"


async def work(folder: Path, up: Path) -> None:
    """What the process does that is killed."""
    async with a_shop(folder) as shop:
        await shop.run(SHELL, script=SCRIPT.format(up=up))


async def there(file: Path) -> int:
    """The number in a file, once it is there."""
    async with asyncio.timeout(30):
        while (number := number_in(file)) is None:  # noqa: ASYNC110 – it has no other way to tell
            await asyncio.sleep(0.02)
    return number


def number_in(file: Path) -> int | None:
    return int(file.read_text()) if file.exists() else None


def started(*arguments: object) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", __name__, *map(str, arguments)], cwd=Path(__file__).parents[2], start_new_session=True
    )


def kill(process: "subprocess.Popen[bytes]") -> None:
    with process:
        process.kill()


async def test_what_a_killed_worker_has_left_is_ended_and_removed(tmp_path: Path) -> None:
    worker = started(tmp_path, tmp_path / "up")
    leader, daemon = await there(tmp_path / "up.a"), await there(tmp_path / "up.b")
    kill(worker)
    os.kill(leader, 0)
    await clear_leftovers(tmp_path / "work", grace=5)
    await gone([leader, daemon])
    assert list((tmp_path / "work" / "runs").iterdir()) == []


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), Path(sys.argv[2])))
