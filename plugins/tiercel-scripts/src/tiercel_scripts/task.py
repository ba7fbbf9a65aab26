"""What all script tasks have in common: their properties, and one run from start to end."""

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, cast

import msgspec
from pydantic import AfterValidator, Field

from tiercel.sdk import InvalidProperty, NotRendered, Output, Raw, RunContext, Task, TaskFailed, TaskKilled
from tiercel.sdk.namespace_files import NamespaceFilesWanted, put_namespace_files
from tiercel_scripts.command import DEFAULT_INTERPRETER, is_shell, one_shell
from tiercel_scripts.runner.choice import TaskRunnerChoice, Wanted, settle
from tiercel_scripts.runner.process import ProcessRunner
from tiercel_scripts.streams import Streams
from tiercel_scripts.surroundings import inherited
from tiercel_scripts.workspace import Workspace

DEFAULT_GRACE = 10.0


def _is_list_or_expression(value: list[str] | str) -> list[str] | str:
    if isinstance(value, str) and "{" not in value and not value.lstrip().startswith("["):
        raise InvalidProperty("write a list of texts, or an expression that gives one")
    return value


Texts = Annotated[list[str] | str, AfterValidator(_is_list_or_expression), NotRendered()]
"""A list, or an expression that gives the JSON of one."""


class ScriptOutput(Output, frozen=True):
    exit_code: int
    """What the commands ended with; not 0 is a failure."""
    output_files: dict[str, str]
    """URI of each file the script left, by its path."""
    vars: dict[str, Any]
    """What the script put out by lines of the protocol."""


class Prepared(msgspec.Struct, frozen=True):
    """A rendered command, ready to run."""

    command: list[str]
    path: tuple[str, ...] = ()
    """Folders in front of PATH."""
    environment: dict[str, str] = {}
    """Variables of the language."""


class ScriptTask(Task[ScriptOutput]):
    """Base of all scripts and commands. A language says how it is run: `prepare`."""

    before_commands: Texts = []
    """Run before, in the same shell; their lines are logged at DEBUG."""
    env: Raw[dict[str, Any] | str | None] = None
    """Environment variables; they win over all others but WORKING_DIR and OUTPUT_DIR."""
    input_files: Raw[dict[str, Any] | str | None] = None
    """Files to write into the working folder before the start: name → text or internal storage URI."""
    output_files: Texts = []
    """Names or patterns, relative to the working folder, of files to keep. What lies in `{{ outputDir }}` is kept anyway."""
    namespace_files: NamespaceFilesWanted | None = None
    """Files of namespaces to put into the working folder before the start; `inputFiles` win over them."""
    interpreter: Texts = DEFAULT_INTERPRETER
    """The program, with its arguments, that is given the commands as its last argument."""
    fail_fast: bool = True
    """Stop at the first command that fails; otherwise the last one decides."""
    task_runner: TaskRunnerChoice | None = None
    """Where the commands run; without, on the worker itself."""
    runner: Literal["PROCESS", "DOCKER"] | None = Field(default=None, deprecated="write `taskRunner`")
    """The old way to choose a runner."""
    container_image: str | None = None
    """The image of a container to run in. Without a container engine the task runs on the worker, and says so."""
    docker: dict[str, Any] | None = Field(default=None, deprecated="write `taskRunner`")
    """The old way to describe a container."""
    warning_on_std_err: bool = Field(default=True, deprecated="it has no effect")
    """Without effect: what a command writes to stderr is logged as an error and changes no state."""
    output_directory: bool | None = Field(default=None, deprecated="`{{ outputDir }}` is always there")
    """Without effect."""
    target_os: Literal["LINUX", "WINDOWS", "AUTO"] = Field(default="AUTO", alias="targetOS")
    """The system the commands are for. Workers run on systems with a POSIX shell."""

    async def prepare(self, ctx: RunContext, workspace: Workspace) -> Prepared:
        """The command of this language."""
        raise TypeError(f"{type(self).__name__} has no command")

    def hint(self, error_lines: Sequence[str]) -> str:
        """What to add to the message of a failure, from the last lines on stderr."""
        return ""

    async def shell(self, workspace: Workspace, lines: list[str]) -> list[str]:
        """The command that runs lines in one shell, beforeCommands first."""
        before = await workspace.texts(self.before_commands, of="beforeCommands")
        interpreter = await workspace.texts(self.interpreter, of="interpreter")
        if is_shell(interpreter):
            text = one_shell(before, lines, marks=workspace.marks, fail_fast=self.fail_fast)
        else:
            text = "\n".join([*before, *lines])
        return [*interpreter, await workspace.argument(interpreter, text)]

    async def run(self, ctx: RunContext) -> ScriptOutput:
        settle(self._wanted(), ctx)
        workspace = Workspace(ctx)
        await put_namespace_files(self.namespace_files, ctx)
        await workspace.set_up(input_files=self.input_files, output_files=self.output_files)
        prepared = await self.prepare(ctx, workspace)
        environment = await self._environment(prepared, ctx, workspace)
        return await self._perform(prepared.command, environment, ctx, workspace)

    async def _perform(
        self, command: list[str], environment: Mapping[str, str], ctx: RunContext, workspace: Workspace
    ) -> ScriptOutput:
        streams = Streams(ctx, workspace.marks)
        runner = ProcessRunner(folder=workspace.folder, grace=_grace(ctx), mark=workspace.mark)
        try:
            code = await runner.run(command, environment=environment, out=streams.out(), err=streams.err())
        except asyncio.CancelledError:
            output = ScriptOutput(exit_code=runner.exit_code or 0, output_files={}, vars=streams.vars)
            raise TaskKilled("the script was stopped", outputs=await _with_files(output, workspace)) from None
        output = ScriptOutput(exit_code=code, output_files={}, vars=streams.vars)
        if code:
            message = f"Command failed with exit code {code}{self.hint(streams.last_errors)}"
            raise await _failure(message, output, workspace)
        return await _with_files(output, workspace)

    async def _environment(self, prepared: Prepared, ctx: RunContext, workspace: Workspace) -> dict[str, str]:
        environment = inherited(os.environ, _names(ctx.configuration.get("scripts.environment")))
        environment |= prepared.environment
        environment["PATH"] = os.pathsep.join([*prepared.path, environment.get("PATH", os.defpath)])
        environment |= await self._own_environment(workspace)
        return environment | {"WORKING_DIR": str(workspace.folder), "OUTPUT_DIR": str(workspace.output_dir)}

    async def _own_environment(self, workspace: Workspace) -> dict[str, str]:
        given = await workspace.render(self.env)
        if isinstance(given, str):
            given = _mapping(given)
        pairs = cast(Mapping[Any, Any], given or {})
        return {
            _checked(str(name)): await workspace.local(_words(value))
            for name, value in pairs.items()
            if value is not None
        }

    def _wanted(self) -> Wanted:
        return Wanted(
            task_runner=self.task_runner,
            runner=self.__dict__["runner"],  # past the deprecation, which is for authors
            container_image=self.container_image,
            docker=self.__dict__["docker"],
        )


async def _with_files(output: ScriptOutput, workspace: Workspace) -> ScriptOutput:
    return msgspec.structs.replace(output, output_files=await workspace.collect())


async def _failure(message: str, output: ScriptOutput, workspace: Workspace) -> TaskFailed:
    """What the commands left is kept after a failure too, if it can be; the failure is told in any case."""
    try:
        return TaskFailed(message, outputs=await _with_files(output, workspace))
    except TaskFailed as problem:
        return TaskFailed(f"{message}; its files are lost: {problem}", outputs=output)


def _grace(ctx: RunContext) -> float:
    return float(ctx.configuration.get("scripts.kill-grace", DEFAULT_GRACE))


def _names(configured: Any) -> list[str]:
    """Of a setting: a list, or texts with commas."""
    given = configured.split(",") if isinstance(configured, str) else cast(Sequence[Any], configured or ())
    return [str(name).strip() for name in given]


def _mapping(text: str) -> Mapping[Any, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise TaskFailed(f"property `env` must be a map of names to texts; it rendered to {text!r}")
    return cast(Mapping[Any, Any], found)


def _checked(name: str) -> str:
    if not name or "=" in name or "\0" in name:
        raise TaskFailed(f"property `env` has {name!r}, which cannot be the name of an environment variable")
    return name


def _words(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
