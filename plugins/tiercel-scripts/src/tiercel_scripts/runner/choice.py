"""Which runner a task gets. There is one so far; what asks for another is told, or refused where settings are strict."""

from typing import Any, Literal, Self

from pydantic import ConfigDict, model_validator

from tiercel.sdk import InvalidProperty, Properties, RunContext, TaskFailed

PROCESS = frozenset(
    {
        *("io.kestra.plugin.core.runner.Process", "core.runner.Process"),
        "io.kestra.core.models.tasks.runners.types.ProcessTaskRunner",
    }
)
_NO_ENGINE = "no container engine can be used yet"


class TaskRunnerChoice(Properties):
    """Where the commands run."""

    model_config = ConfigDict(extra="allow")

    type: str
    """The runner's type. `io.kestra.plugin.core.runner.Process` runs commands on the worker itself."""
    version: str | None = None
    """Accepted and without effect: there is one version."""

    @property
    def is_process(self) -> bool:
        return self.type in PROCESS

    @model_validator(mode="after")
    def _process_has_no_properties(self) -> Self:
        """Those of other runners are theirs to check."""
        if self.is_process and self.model_extra:
            raise InvalidProperty(f"the Process runner has no property {next(iter(self.model_extra))!r}")
        return self


class Wanted(Properties):
    """Everything of a task that says where it is to run."""

    task_runner: TaskRunnerChoice | None = None
    runner: Literal["PROCESS", "DOCKER"] | None = None
    container_image: str | None = None
    docker: dict[str, Any] | None = None

    def container(self, ctx: RunContext) -> str | None:
        """What asks for a container, in words; None where nothing does."""
        if self.task_runner is not None:
            return None if self.task_runner.is_process else self._with_image(f"taskRunner {self.task_runner.type}")
        if self.runner is not None:
            return self._with_image("runner DOCKER") if self.runner == "DOCKER" else None
        if ctx.configuration.get("scripts.default-runner") == "docker":
            return self._with_image("the setting scripts.default-runner: docker")
        return f"image {self.image}" if self.image else None

    @property
    def image(self) -> str | None:
        return self.container_image or (self.docker or {}).get("image")

    def _with_image(self, wish: str) -> str:
        return f"{wish} with image {self.image}" if self.image else wish


def settle(wanted: Wanted, ctx: RunContext) -> None:
    """Everything runs as a process here. Raises TaskFailed where a container is asked for and must be had."""
    container = wanted.container(ctx)
    if container is None:
        return
    if ctx.configuration.get("scripts.strict-images") in (True, "true"):
        raise TaskFailed(f"{container} cannot be had: {_NO_ENGINE}, and the setting scripts.strict-images is on")
    ctx.log.warning(f"{container} cannot be had: {_reason(ctx)}; the task runs as a process")


def _reason(ctx: RunContext) -> str:
    is_settled = ctx.configuration.get("scripts.default-runner") == "process"
    return "the setting scripts.default-runner says process" if is_settled else _NO_ENGINE
