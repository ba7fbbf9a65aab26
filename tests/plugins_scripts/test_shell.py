"""Shell scripts and commands: one shell, its end, its output."""

import pytest
from tests.plugins_scripts.scripts import SHELL, SHELL_COMMANDS, Shop

from tiercel.model.states import State


async def test_a_script_runs_and_its_output_is_logged(shop: Shop) -> None:
    outcome = await shop.run(SHELL, script="echo hello\necho trouble >&2\n")
    assert (outcome.state, outcome.outputs) == (State.SUCCESS, {"exitCode": 0, "outputFiles": {}, "vars": {}})
    assert sorted(await shop.lines()) == [("ERROR", "trouble"), ("INFO", "hello")]


async def test_commands_share_one_shell(shop: Shop) -> None:
    outcome = await shop.run(SHELL_COMMANDS, commands=["mkdir sub", "cd sub", "name=x", "echo $name", "basename $PWD"])
    assert outcome.state is State.SUCCESS
    assert await shop.lines() == [("INFO", "x"), ("INFO", "sub")]


async def test_commands_may_come_from_an_expression(shop: Shop) -> None:
    attempt = shop.begin(
        SHELL_COMMANDS, commands="{{ inputs.commands }}", variables={"inputs": {"commands": ["echo 1", "echo 2"]}}
    )
    assert (await attempt.outcome()).state is State.SUCCESS
    assert await shop.lines() == [("INFO", "1"), ("INFO", "2")]


async def test_commands_that_are_no_list_are_refused(shop: Shop) -> None:
    outcome = await shop.run(SHELL_COMMANDS, commands="echo 1")
    assert (outcome.state, outcome.error) == (
        State.FAILED,
        "property `commands` is wrong: write a list of texts, or an expression that gives one",
    )


async def test_the_first_failing_command_ends_the_task(shop: Shop) -> None:
    outcome = await shop.run(SHELL_COMMANDS, commands=["false", "echo never"])
    assert (outcome.state, outcome.error) == (State.FAILED, "Command failed with exit code 1")
    assert ("INFO", "never") not in await shop.lines()


async def test_without_fail_fast_the_last_command_decides(shop: Shop) -> None:
    assert (await shop.run(SHELL_COMMANDS, commands=["false", "echo on"], failFast=False)).state is State.SUCCESS


async def test_exit_0_ends_the_task_with_success(shop: Shop) -> None:
    assert (await shop.run(SHELL, script="exit 0\nfalse")).state is State.SUCCESS


async def test_outputs_and_files_of_a_failed_script_are_kept(shop: Shop) -> None:
    outcome = await shop.run(
        SHELL, script="""echo '::{"outputs":{"n":1}}::'; echo half > "$OUTPUT_DIR/half.txt"; exit 7"""
    )
    assert outcome.state is State.FAILED
    assert outcome.outputs is not None
    assert (outcome.outputs["exitCode"], outcome.outputs["vars"]) == (7, {"n": 1})
    assert await shop.files(outcome) == {"half.txt": "half\n"}


async def test_a_signal_is_told_as_a_shell_tells_it(shop: Shop) -> None:
    outcome = await shop.run(SHELL, script="kill -9 $$")
    assert (outcome.error, (outcome.outputs or {})["exitCode"]) == ("Command failed with exit code 137", 137)


async def test_lines_of_before_commands_are_for_debugging(shop: Shop) -> None:
    outcome = await shop.run(
        SHELL, beforeCommands=["echo early; echo oops >&2", "x=1"], script="echo late $x; echo bad >&2"
    )
    assert outcome.state is State.SUCCESS
    assert sorted(await shop.lines()) == [("DEBUG", "early"), ("DEBUG", "oops"), ("ERROR", "bad"), ("INFO", "late 1")]


@pytest.mark.parametrize("before", ["printf early", "set -x; echo early"])
async def test_what_parts_before_commands_from_the_rest_is_never_shown(shop: Shop, before: str) -> None:
    await shop.run(SHELL, beforeCommands=[before], script="echo late")
    lines = await shop.lines()
    assert ("DEBUG", "early") in lines
    assert ("INFO", "late") in lines
    assert not [message for _, message in lines if "#tiercel-" in message]


async def test_a_failing_before_command_ends_the_task(shop: Shop) -> None:
    outcome = await shop.run(SHELL, beforeCommands=["exit 3"], script="echo late")
    assert (outcome.error, await shop.lines()) == (
        "Command failed with exit code 3",
        [("ERROR", "Command failed with exit code 3")],
    )


async def test_another_interpreter_gets_the_text(shop: Shop) -> None:
    outcome = await shop.run(SHELL, interpreter=["/usr/bin/env", "bash", "-c"], script="a=(1 2); echo ${a[1]}")
    assert outcome.state is State.SUCCESS
    assert await shop.lines() == [("INFO", "2")]


async def test_an_interpreter_that_is_no_shell_gets_nothing_but_the_text(shop: Shop) -> None:
    outcome = await shop.run(SHELL, interpreter=["cat", "--"], script="echo.txt", inputFiles={"echo.txt": "hi"})
    assert outcome.state is State.SUCCESS
    assert await shop.lines() == [("INFO", "hi")]


async def test_an_interpreter_that_is_not_there_is_named(shop: Shop) -> None:
    outcome = await shop.run(SHELL, interpreter=["/no/such"], script="x")
    assert outcome.error == "/no/such cannot be started: No such file or directory"


async def test_a_script_may_be_longer_than_the_system_takes_as_an_argument(shop: Shop) -> None:
    script = "".join(f": {'x' * 70}\n" for _ in range(3000)) + "false || exit 5\n"
    assert (await shop.run(SHELL, script=script)).error == "Command failed with exit code 5"


async def test_stdin_is_empty(shop: Shop) -> None:
    assert (await shop.run(SHELL, script="cat; echo done")).state is State.SUCCESS
    assert await shop.lines() == [("INFO", "done")]


@pytest.mark.parametrize("type", ["io.kestra.core.tasks.scripts.Bash", "scripts.shell.Commands"])
async def test_old_and_short_names_are_known(shop: Shop, type: str) -> None:
    assert (await shop.run(type, commands=["echo 1"])).state is State.SUCCESS
