"""What all script tasks share: properties, files in and out, environment, and one run from start to end."""

import asyncio
import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from pydantic import Field

from tiercel.sdk import Output, Properties, Raw, RunContext, Task, TaskFailed, TaskKilled
from tiercel_scripts.command import Marks, one_shell
from tiercel_scripts.files_in import Downloads, place
from tiercel_scripts.files_out import collect, is_pattern
from tiercel_scripts.protocol import Messages
from tiercel_scripts.runner.choice import TaskRunnerChoice, Wanted, settle
from tiercel_scripts.runner.process import ProcessRunner, Reader
from tiercel_scripts.surroundings import inherited

DEFAULT_GRACE = 10.0
CONTEXT_FILE = ".kestra-execution-context.json"
_CONTEXT = ("labels", "trigger", "inputs", "outputs", "execution", "flow", "task", "taskrun", "vars", "envs", "globals")
_MISSING_MODULE = re.compile(r"^ModuleNotFoundError: No module named '([^']+)'")


class ScriptOutput(Output, frozen=True):
    exit_code: int
    output_files: dict[str, str]
    """URI of each file the script left, by its path."""
    vars: dict[str, Any]
    """What the script put out by lines of the protocol."""


class Prepared(Properties):
    """A rendered command, ready to run."""

    command: list[str]
    path: list[str] = []
    """Folders in front of PATH."""
    environment: dict[str, str] = {}
    """Variables of the language."""


class ScriptTask(Task[ScriptOutput]):
    """Base of all scripts and commands."""

    before_commands: Raw[list[str]] = []
    """Run before, in the same shell; their lines are logged at DEBUG."""
    env: Raw[dict[str, Any] | str | None] = None
    """Environment variables; they win over all others."""
    input_files: Raw[dict[str, Any] | str | None] = None
    """Files to write before the start: name → text or internal storage URI."""
    output_files: Raw[list[str] | str] = []
    """Names or patterns, relative to the working folder, of files to keep."""
    namespace_files: dict[str, Any] | None = None
    interpreter: Raw[list[str]] = ["/bin/sh", "-c"]
    fail_fast: bool = True
    """Stop at the first command that fails; otherwise the last one decides."""
    task_runner: TaskRunnerChoice | None = None
    runner: Literal["PROCESS", "DOCKER"] | None = Field(default=None, deprecated="write `taskRunner`")
    container_image: str | None = None
    docker: dict[str, Any] | None = Field(default=None, deprecated="write `taskRunner`")
    warning_on_std_err: bool = Field(default=True, deprecated="it has no effect")
    output_directory: bool | None = Field(default=None, deprecated="outputDir is always there")
    target_os: Literal["LINUX", "WINDOWS", "AUTO"] = Field(default="AUTO", alias="targetOS")

    async def prepare(self, ctx: RunContext, run: "ScriptRun") -> Prepared:
        """The command of this language."""
        raise TypeError(f"{type(self).__name__} has no command")

    async def run(self, ctx: RunContext) -> ScriptOutput:
        settle(
            Wanted(
                task_runner=self.task_runner,
                runner=self._runner(),
                container_image=self.container_image,
                docker=self._docker(),
            ),
            ctx,
        )
        return await ScriptRun(self, ctx).perform()

    def _runner(self) -> Literal["PROCESS", "DOCKER"] | None:
        return self.__dict__["runner"]  # read past the deprecation, which is for authors

    def _docker(self) -> dict[str, Any] | None:
        return self.__dict__["docker"]

    def hint(self, error_lines: Sequence[str]) -> str:
        """What to add to the message of a failure, from the last lines on stderr."""
        return ""


TaskT = TypeVar("TaskT", bound=ScriptTask)


class ScriptRun:
    """One run of a script task."""

    def __init__(self, task: ScriptTask, ctx: RunContext) -> None:
        self.task = task
        self.ctx = ctx
        self.folder = ctx.working_dir
        self.output_dir = self.folder / f".output-{ctx.info.task_run_id}"
        self.downloads = Downloads(ctx)
        self._marks = Marks()
        self._messages = Messages(ctx)
        self._error_lines: list[str] = []
        self._patterns: list[str] = []
        self._extra: dict[str, Any] = {}

    async def perform(self) -> ScriptOutput:
        await self._set_up()
        prepared = await self.task.prepare(self.ctx, self)
        environment = await self._environment(prepared)
        runner = ProcessRunner(folder=self.folder, grace=self._grace(), mark=self._mark())
        try:
            code = await runner.run(
                prepared.command, environment=environment, out=self._reader("INFO"), err=self._reader("ERROR")
            )
        except asyncio.CancelledError:
            raise TaskKilled("the script was stopped", outputs=await self._outputs(-1)) from None
        output = await self._outputs(code)
        if code:
            raise TaskFailed(
                f"Command failed with exit code {_shown(code)}{self.task.hint(self._error_lines)}", outputs=output
            )
        return output

    async def _set_up(self) -> None:
        self.output_dir.mkdir(exist_ok=True)
        patterns = await self.render(self.task.output_files)
        self._patterns = [patterns] if isinstance(patterns, str) else patterns
        self._extra = {
            "workingDir": str(self.folder),
            "outputDir": str(self.output_dir),
            "outputFiles": {name: str(self.folder / name) for name in self._patterns if not is_pattern(name)},
        }
        await place(await self.render(self.task.input_files), self.folder, self.downloads)
        (self.folder / CONTEXT_FILE).write_text(json.dumps(self._context(), ensure_ascii=False, default=str))

    def _context(self) -> dict[str, Any]:
        variables = self.ctx.variables
        return {name: variables[name] for name in _CONTEXT if name in variables}

    async def render(self, value: Any) -> Any:
        """Rendered, with the folders of this run as variables."""
        return None if value is None else await self.ctx.render(value, self._extra)

    async def text(self, value: str) -> str:
        """Rendered, storage URIs replaced by local paths."""
        return await self.downloads.in_text(str(await self.render(value)))

    async def texts(self, values: list[str]) -> list[str]:
        return [await self.text(value) for value in values]

    async def shell(self, lines: list[str]) -> list[str]:
        """The command that runs lines in one shell, beforeCommands first."""
        before = await self.texts(self.task.before_commands)
        text = one_shell(before, lines, marks=self._marks, fail_fast=self.task.fail_fast)
        return [*await self.texts(self.task.interpreter), text]

    async def _environment(self, prepared: Prepared) -> dict[str, str]:
        configured = self.ctx.configuration.get("scripts.environment") or ()
        names = configured.split(",") if isinstance(configured, str) else configured
        environment = inherited(os.environ, (str(name).strip() for name in names))
        environment |= prepared.environment
        environment["PATH"] = os.pathsep.join([*prepared.path, environment.get("PATH", os.defpath)])
        environment |= await self._given_environment()
        return environment | {"WORKING_DIR": str(self.folder), "OUTPUT_DIR": str(self.output_dir)}

    async def _given_environment(self) -> dict[str, str]:
        given = await self.render(self.task.env)
        pairs = _pairs(json.loads(given or "{}") if isinstance(given, str) else given)
        return {
            str(name): await self.downloads.in_text(_as_text(value))
            for name, value in pairs.items()
            if value is not None
        }

    def _reader(self, level: str) -> Reader:
        write, before = self.ctx.log.at(level), self.ctx.log.debug
        is_before = bool(self.task.before_commands)

        def take(line: str) -> None:
            nonlocal is_before
            if self._marks.ends_before(line):
                is_before = False
            elif not self._messages.take(line):
                self._note(line, level)
                (before if is_before else write)(line)

        return Reader(take, self.ctx.log.drain)

    def _note(self, line: str, level: str) -> None:
        if level == "ERROR":
            self._error_lines = [*self._error_lines[-4:], line]

    async def _outputs(self, code: int) -> ScriptOutput:
        files = await collect(self.ctx, working_dir=self.folder, output_dir=self.output_dir, patterns=self._patterns)
        return ScriptOutput(exit_code=code, output_files=files, vars=self._messages.vars)

    def _grace(self) -> float:
        return float(self.ctx.configuration.get("scripts.kill-grace", DEFAULT_GRACE))

    def _mark(self) -> str:
        return f"{self.ctx.info.task_run_id}.{self.ctx.info.attempt}"


def missing_module(error_lines: Sequence[str]) -> str | None:
    """The module whose import failed, if that is what ended a Python script."""
    found = next((match for line in reversed(error_lines) if (match := _MISSING_MODULE.match(line))), None)
    return None if found is None else found[1].partition(".")[0]


def _pairs(given: Any) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], given or {})


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _shown(code: int) -> str:
    return str(code) if code >= 0 else f"{128 - code} (signal {-code})"


def script_file(folder: Path, name: str, text: str) -> Path:
    """Write a script into the folder."""
    path = folder / name
    path.write_text(text)
    return path
