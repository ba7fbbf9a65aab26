"""What a script sees of the worker's environment."""

from typing import Any

import pytest
from tests.plugins_scripts.scripts import SHELL, Shop

from tiercel.model.states import State
from tiercel_scripts.surroundings import inherited

SERVER = {
    "PATH": "/bin", "HOME": "/h", "LC_ALL": "C", "TZ": "UTC", "HTTPS_PROXY": "p", "no_proxy": "n", "PIP_INDEX_URL": "i",
    "SSL_CERT_FILE": "c", "UV_INDEX": "u", "NPM_CONFIG_REGISTRY": "r",
}  # fmt: skip
PRIVATE = {
    "KESTRA_CONFIGURATION": "1", "TIERCEL_HOME": "1", "SECRET_A": "1", "PGPASSWORD": "1", "PGHOST": "1",
    "DATASOURCES_POSTGRES_URL": "1", "AWS_SECRET_ACCESS_KEY": "1", "GITHUB_TOKEN": "1", "VIRTUAL_ENV": "/server",
    "PYTHONDONTWRITEBYTECODE": "1",
}  # fmt: skip


def test_what_programs_need_passes_and_nothing_else() -> None:
    assert inherited(SERVER | PRIVATE | {"EDITOR": "vi"}, []) == SERVER


def test_named_variables_pass_too() -> None:
    assert inherited(SERVER | PRIVATE, ["PGPASSWORD", "absent"]) == SERVER | {"PGPASSWORD": "1"}


def test_all_may_be_inherited_but_what_the_server_is_trusted_with() -> None:
    assert inherited(SERVER | PRIVATE | {"EDITOR": "vi"}, ["inherit"]) == SERVER | {"EDITOR": "vi"}
    assert inherited(PRIVATE, ["inherit", "SECRET_A"]) == {"SECRET_A": "1"}


def test_byte_code_is_never_forbidden() -> None:
    assert inherited({"PYTHONDONTWRITEBYTECODE": "1"}, ["PYTHONDONTWRITEBYTECODE"]) == {}


@pytest.mark.parametrize(
    "env", [{"A": "x", "B": 1, "C": True, "D": {"a": 1}, "E": None}, '{"A":"x","B":1,"C":true,"D":{"a":1},"E":null}']
)
async def test_the_environment_of_the_task_is_set(shop: Shop, env: Any) -> None:
    await shop.run(SHELL, env=env, script='echo "$A $B $C $D ${E-unset}"')
    assert await shop.lines() == [("INFO", 'x 1 true {"a": 1} unset')]


async def test_the_environment_of_the_task_wins_but_over_the_folders(shop: Shop) -> None:
    outcome = await shop.run(
        SHELL,
        env={"HOME": "/mine", "WORKING_DIR": "/wrong"},
        script='test "$HOME" = /mine; test "$WORKING_DIR" = "$PWD"',
    )
    assert outcome.state is State.SUCCESS


@pytest.mark.parametrize(("env", "error"), [({"A=B": "x"}, "'A=B'"), ({"": "x"}, "''"), ("text", "must be a map")])
async def test_an_environment_that_cannot_be_set_is_refused(shop: Shop, env: Any, error: str) -> None:
    outcome = await shop.run(SHELL, env=env, script="echo never")
    assert outcome.state is State.FAILED
    assert error in str(outcome.error)


async def test_a_variable_too_long_for_the_system_is_explained(shop: Shop) -> None:
    outcome = await shop.run(SHELL, env={"A": "x" * 200_000}, script="echo never")
    assert "too long for the system" in str(outcome.error)


async def test_a_text_with_a_nul_is_refused(shop: Shop) -> None:
    outcome = await shop.run(SHELL, script="echo \0")
    assert outcome.error == "/bin/sh cannot be started: embedded null byte"
