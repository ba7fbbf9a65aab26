"""Python scripts and commands: their environment, their names, their errors."""

from pathlib import Path

import pytest
from tests.plugins_scripts.scripts import PYTHON, PYTHON_COMMANDS, Shop, a_shop

from tiercel.model.states import State


async def test_a_script_runs_in_the_working_folder(shop: Shop) -> None:
    outcome = await shop.run(
        PYTHON,
        inputFiles={"mine.py": "value = 7"},
        script="import mine, pathlib\nprint(mine.value)\npathlib.Path('{{ outputDir }}/a').write_text('x')",
    )
    assert outcome.state is State.SUCCESS
    assert ("INFO", "7") in await shop.lines()
    assert await shop.files(outcome) == {"a": "x"}


async def test_the_names_of_json_are_known(shop: Shop) -> None:
    attempt = shop.begin(
        PYTHON,
        script="from __future__ import annotations\nassert {{ inputs.flag }} is True\nassert (false, null) == (False, None)",
        variables={"inputs": {"flag": True}},
    )
    assert (await attempt.outcome()).state is State.SUCCESS


async def test_an_error_shows_the_line_of_the_author(shop: Shop) -> None:
    outcome = await shop.run(PYTHON, script="x = 1\nraise ValueError(x)\n")
    assert outcome.error == "Command failed with exit code 1"
    lines = await shop.lines()
    assert [message.rsplit("/", 1)[-1] for _, message in lines if message.startswith("  File")] == [
        'script-taskrun1-1.py", line 2, in <module>'
    ]
    assert ("ERROR", "    raise ValueError(x)") in lines


async def test_a_missing_module_is_told_with_what_to_do(shop: Shop) -> None:
    outcome = await shop.run(PYTHON, script="import nowhere.sub")
    assert outcome.error == (
        "Command failed with exit code 1: the module 'nowhere' is not there; "
        "add the package that brings it to `dependencies`"
    )


async def test_commands_find_the_environment_first(shop: Shop) -> None:
    outcome = await shop.run(
        PYTHON_COMMANDS,
        inputFiles={"main.py": "import sys; print(sys.prefix); assert true"},
        commands=["python main.py", 'python3 -c "import sys; print(sys.argv)" a'],
    )
    assert outcome.state is State.SUCCESS
    prefix, arguments = [message for level, message in await shop.lines() if level == "INFO"][-2:]
    assert Path(prefix).parent.name == "environments"
    assert arguments == "['-c', 'a']"


async def test_an_environment_activated_before_wins(shop: Shop) -> None:
    outcome = await shop.run(
        PYTHON,
        beforeCommands=["python -m venv --without-pip mine", ". mine/bin/activate", "mkdir sub; cd sub"],
        script="import os, sys\nprint(os.path.basename(sys.prefix), true, os.path.basename(__file__)[:7])\n1/0",
    )
    lines = await shop.lines()
    assert ("INFO", "mine True script-") in lines
    assert any(message.endswith("line 3, in <module>") for _, message in lines)
    assert ("ERROR", "ZeroDivisionError: division by zero") in lines
    assert outcome.state is State.FAILED


async def test_before_commands_leave_the_environment_as_it_is(shop: Shop) -> None:
    outcome = await shop.run(
        PYTHON,
        beforeCommands=["export A=1", "cd /"],
        script="import os, sys\nprint(os.environ['A'], os.getcwd(), null)",
    )
    assert outcome.state is State.SUCCESS
    assert ("INFO", "1 / None") in await shop.lines()


async def test_output_comes_as_it_is_written_and_byte_code_is_kept(shop: Shop) -> None:
    outcome = await shop.run(
        PYTHON,
        script="import os, sys\nassert os.environ['PYTHONUNBUFFERED'] == '1'\nassert not sys.dont_write_bytecode",
    )
    assert outcome.state is State.SUCCESS


async def test_another_interpreter_gets_the_command(shop: Shop) -> None:
    outcome = await shop.run(PYTHON, interpreter=["/bin/sh", "-x", "-c"], script="print(1)")
    assert outcome.state is State.SUCCESS
    assert [level for level, message in await shop.lines() if message.startswith("+ ")] == ["ERROR"] * 3


async def test_a_header_that_is_no_toml_is_explained(shop: Shop) -> None:
    outcome = await shop.run(PYTHON, script="# /// script\n# dependencies = [\n# ///\n")
    assert "is no TOML" in str(outcome.error)


async def test_an_environment_is_built_once(tmp_path: Path) -> None:
    async with a_shop(tmp_path) as shop:
        for _ in range(2):
            assert (await shop.run(PYTHON, script="print('ran')")).state is State.SUCCESS
        told = [message for level, message in await shop.lines() if level == "INFO"]
        assert told == [
            "building the Python environment of no packages; later tasks find it",
            "the Python environment of no packages is ready",
            "ran",
            "ran",
        ]


@pytest.mark.parametrize("version", ["3.19", "2.7", "nonsense"])
async def test_a_version_that_is_not_there_is_named(shop: Shop, version: str) -> None:
    outcome = await shop.run(PYTHON, pythonVersion=version, script="print(1)")
    assert outcome.error == (
        f"there is no Python {version} on the worker's machine; install it, or choose another `pythonVersion`"
    )
