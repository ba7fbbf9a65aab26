"""Environments of Python: what they are made of, that they are built once, that failures are clear."""

import asyncio
import socket
import time
from pathlib import Path

import pytest
from tests.plugins_scripts.scripts import PYTHON, PYTHON_COMMANDS, Shop, a_shop

from tiercel.model.states import State
from tiercel_scripts.python.environments import Recipe
from tiercel_scripts.python.header import read_header
from tiercel_scripts.python.package_index import uv_environment


def test_a_recipe_is_named_by_its_content() -> None:
    assert Recipe(("a", "b")).name == Recipe(("b", "a")).name
    assert len({Recipe(("a",)).name, Recipe(("a", "b")).name, Recipe(("a",), "3.12").name}) == 3


def test_a_script_may_name_its_packages() -> None:
    script = '# /// script\n# requires-python = ">=3.11"\n# dependencies = [\n#   "rich",\n# ]\n# ///\nprint(1)'
    header = read_header(script)
    assert header is not None
    assert (header.dependencies, header.python) == (("rich",), ">=3.11")
    assert read_header("print(1)") is None


def test_what_pip_is_told_is_passed_on(tmp_path: Path) -> None:
    file = tmp_path / "pip.conf"
    file.write_text("[global]\nindex-url = https://index.example/simple\n[install]\nfind-links =\n  /wheels\n  /more\n")
    environment = uv_environment({"PIP_CONFIG_FILE": str(file), "A": "1"}, cache=tmp_path)
    assert (environment["UV_DEFAULT_INDEX"], environment["UV_FIND_LINKS"]) == (
        "https://index.example/simple",
        "/wheels,/more",
    )
    assert (environment["A"], environment["UV_SYSTEM_CERTS"]) == ("1", "1")


def test_what_uv_is_told_itself_wins(tmp_path: Path) -> None:
    given = {"PIP_INDEX_URL": "https://pip.example", "PYTHONDONTWRITEBYTECODE": "1", "PIP_CONFIG_FILE": "/dev/null"}
    assert uv_environment(given, cache=tmp_path)["UV_DEFAULT_INDEX"] == "https://pip.example"
    assert "PYTHONDONTWRITEBYTECODE" not in uv_environment(given, cache=tmp_path)
    given |= {"UV_DEFAULT_INDEX": "https://uv.example"}
    assert uv_environment(given, cache=tmp_path)["UV_DEFAULT_INDEX"] == "https://uv.example"
    old = {"PIP_INDEX_URL": "https://pip.example", "UV_INDEX_URL": "https://uv.example", "PIP_CONFIG_FILE": "/dev/null"}
    assert "UV_DEFAULT_INDEX" not in uv_environment(old, cache=tmp_path)


async def test_a_script_that_says_it_needs_no_packages_gets_none(tmp_path: Path) -> None:
    async with a_shop(tmp_path, data_environment=["tiercel-no-such-package"]) as shop:
        outcome = await shop.run(PYTHON, dependencies=[], script="print(1)")
        assert outcome.state is State.SUCCESS, outcome.error


async def test_tasks_that_need_the_same_environment_build_it_once(tmp_path: Path) -> None:
    async with a_shop(tmp_path) as shop:
        outcomes = await asyncio.gather(*(shop.run(PYTHON, script="print(1)") for _ in range(4)))
        assert {outcome.state for outcome in outcomes} == {State.SUCCESS}
        told = [message.split()[0] for _, message in await shop.lines()]
        assert (told.count("building"), told.count("waiting"), told.count("1")) == (1, 3, 4)


async def test_a_build_that_was_broken_off_is_begun_anew(tmp_path: Path) -> None:
    async with a_shop(tmp_path) as shop:
        attempt = shop.begin(PYTHON, script="print(1)")
        running = asyncio.create_task(attempt.outcome())
        await shop.until("building the Python environment of no packages; later tasks find it")
        attempt.kill()
        assert (await running).state is State.KILLED
        assert (await shop.run(PYTHON, script="print(1)")).state is State.SUCCESS


async def test_an_environment_whose_python_is_gone_is_built_anew(tmp_path: Path) -> None:
    async with a_shop(tmp_path) as shop:
        await shop.run(PYTHON, script="print(1)")
        (python,) = (shop.folder / "state" / "environments").glob("*/bin/python")
        python.unlink()
        assert (await shop.run(PYTHON, script="print(1)")).state is State.SUCCESS


async def test_an_index_that_cannot_be_reached_is_told_within_ten_seconds(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{nobody.getsockname()[1]}/simple")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        started = time.monotonic()
        outcome = await shop.run(PYTHON, dependencies=["tiercel-no-such-package"], script="print(1)")
    assert outcome.state is State.FAILED
    assert "no package index can be reached" in str(outcome.error)
    assert time.monotonic() - started < 10


async def test_packages_come_from_folders_too_and_are_compiled(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_FIND_LINKS", str(a_wheel(tmp_path)))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    outcome = await shop.run(
        PYTHON,
        dependencies=["tiercel-sample"],
        script="import tiercel_sample, os\nprint(tiercel_sample.VALUE, os.path.exists(tiercel_sample.__cached__))",
    )
    assert outcome.state is State.SUCCESS, outcome.error
    assert ("INFO", "42 True") in await shop.lines()
    other = await shop.run(PYTHON, dependencies=["tiercel-sample==9"], script="print(1)")
    assert "cannot be built" in str(other.error)
    assert "tiercel-sample==9" in str(other.error)


def a_wheel(folder: Path) -> Path:
    """A folder with one package that no index has."""
    from zipfile import ZipFile

    about = "tiercel_sample-1.0.dist-info"
    with ZipFile(folder / "tiercel_sample-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiercel_sample.py", "VALUE = 42\n")
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiercel-sample\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    return folder


@pytest.mark.parametrize("program", ["pip", "uv pip"])
async def test_what_commands_install_is_of_their_run_only(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    a_wheel(tmp_path)
    install = f"{program} install --no-index --find-links {tmp_path} tiercel-sample"
    outcome = await shop.run(
        PYTHON, beforeCommands=[install], script="import tiercel_sample\nprint(tiercel_sample.VALUE, true)"
    )
    assert outcome.state is State.SUCCESS, await shop.lines()
    assert ("INFO", "42 True") in await shop.lines()
    other = await shop.run(PYTHON, script="import tiercel_sample")
    assert "'tiercel_sample' is not there" in str(other.error)


async def test_what_commands_install_lies_on_top_of_the_shared_environment(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_wheel(tmp_path)
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path))
    outcome = await shop.run(
        PYTHON_COMMANDS,
        dependencies=["tiercel-sample"],
        commands=["pip --version", "python -c 'import tiercel_sample, sys; print(tiercel_sample.VALUE, null)'"],
    )
    assert outcome.state is State.SUCCESS, await shop.lines()
    assert ("INFO", "42 None") in await shop.lines()
