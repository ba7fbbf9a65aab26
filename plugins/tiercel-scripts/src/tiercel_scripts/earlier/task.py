"""What Bash and Python of 0.10 and before have in common: properties of then, told to the tasks of today."""

from typing import Any, Literal

from tiercel.sdk import Raw, RunContext, Task
from tiercel_scripts.task import ScriptOutput, ScriptTask, Texts


class EarlierOutput(ScriptOutput, frozen=True):
    files: dict[str, str] = {}
    """The same as `outputFiles`, by the name it had then."""


class EarlierTask(Task[EarlierOutput]):
    """Base of both: runs a task of today."""

    runner: Literal["PROCESS", "DOCKER"] = "PROCESS"
    """Where the commands run; without a container engine on the worker in any case."""
    docker_options: dict[str, Any] | None = None
    """The container to run in: `image` and more."""
    interpreter: str = "/bin/sh"
    """The program that is given the commands."""
    interpreter_args: list[str] = ["-c"]
    """Its arguments before the commands."""
    exit_on_failed: bool = True
    """Stop at the first command that fails; otherwise the last one decides."""
    env: Raw[dict[str, Any] | str | None] = None
    """Environment variables."""
    input_files: Raw[dict[str, Any] | str | None] = None
    """Files to write into the working folder before the start: name → text or internal storage URI."""
    output_files: Texts = []
    """Names or patterns of files to keep; `{{ outputFiles.name }}` is the path of one."""
    outputs_files: Texts = []
    """An earlier name of `outputFiles`."""
    files: Texts = []
    """The first name of `outputFiles`."""
    warning_on_std_err: bool = True
    """Without effect: what a command writes to stderr is logged as an error and changes no state."""

    def today(self) -> ScriptTask:
        """The task of today that does the same."""
        raise TypeError(f"{type(self).__name__} has no task of today")

    def properties(self) -> dict[str, Any]:
        """Those of today."""
        return {
            "runner": self.runner,
            "docker": self.docker_options,
            "interpreter": [self.interpreter, *self.interpreter_args],
            "failFast": self.exit_on_failed,
            "env": self.env,
            "inputFiles": self.input_files,
            "outputFiles": self.output_files or self.outputs_files or self.files,
        }

    async def run(self, ctx: RunContext) -> EarlierOutput:
        output = await self.today().run(ctx)
        return EarlierOutput(output.exit_code, output.output_files, output.vars, output.output_files)
