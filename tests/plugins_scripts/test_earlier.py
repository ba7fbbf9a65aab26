"""Bash and Python as flows of 0.10 and before wrote them."""

import pytest
from tests.plugins_scripts.scripts import Shop

from tiercel.model.states import State

BASH = "io.kestra.core.tasks.scripts.Bash"
PYTHON = "io.kestra.core.tasks.scripts.Python"


async def test_a_program_without_commands_is_main(shop: Shop) -> None:
    outcome = await shop.run(
        PYTHON,
        inputFiles={"main.py": "import sys; print(open(sys.argv[1]).read())", "some data.txt": "told"},
        args=["some data.txt"],
        virtualEnv=True,
        pythonPath="python3",
    )
    assert outcome.state is State.SUCCESS, outcome.error
    assert ("INFO", "told") in await shop.lines()


async def test_the_environment_lies_in_a_folder_of_the_program(shop: Shop) -> None:
    files = {"main.py": "import sys; print('environments' in sys.prefix)"}
    outcome = await shop.run(PYTHON, inputFiles=files, commands=["./bin/python main.py"], outputFiles=["**"])
    assert ("INFO", "True") in await shop.lines()
    assert outcome.outputs is not None
    assert list(outcome.outputs["outputFiles"]) == ["main.py"]


async def test_a_container_that_cannot_be_had_is_told_with_its_image(shop: Shop) -> None:
    await shop.run(BASH, commands=["true"], runner="DOCKER", dockerOptions={"image": "alpine"})
    assert [line for line in await shop.lines() if "runner DOCKER with image alpine" in line[1]] != []
    await shop.run(BASH, commands=["true"], dockerOptions={"image": "alpine"})
    assert len(await shop.lines()) == 1


async def test_the_interpreter_and_its_arguments_stand_apart(shop: Shop) -> None:
    outcome = await shop.run(BASH, commands=["echo $0"], interpreter="/bin/bash", interpreterArgs=["--norc", "-c"])
    assert outcome.state is State.SUCCESS
    assert await shop.lines() == [("INFO", "/bin/bash")]


async def test_later_commands_run_after_a_failure_where_that_is_wanted(shop: Shop) -> None:
    assert (await shop.run(BASH, commands=["false", "true"])).state is State.FAILED
    assert (await shop.run(BASH, commands=["false", "true"], exitOnFailed=False)).state is State.SUCCESS


@pytest.mark.parametrize("name", ["files", "outputsFiles", "outputFiles"])
async def test_files_are_kept_by_each_name_that_they_had(shop: Shop, name: str) -> None:
    outcome = await shop.run(BASH, commands=["echo 1 > {{ outputFiles.first }}"], **{name: ["first"]})
    assert outcome.outputs is not None
    assert outcome.outputs["files"] == outcome.outputs["outputFiles"]
    assert await shop.files(outcome) == {"first": "1\n"}
