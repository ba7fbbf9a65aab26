"""Which runner a task gets. There is one so far; what asks for another is told, or refused where settings are strict."""

from typing import Any, Literal

from pydantic import ConfigDict

from tiercel.sdk import Properties, RunContext, TaskFailed

PROCESS = "io.kestra.plugin.core.runner.Process"


class TaskRunnerChoice(Properties):
    """`taskRunner: {type: …}`; the other properties belong to its type."""

    model_config = ConfigDict(extra="allow")

    type: str


class Wanted(Properties):
    """Everything of a task that says where it is to run."""

    task_runner: TaskRunnerChoice | None = None
    runner: Literal["PROCESS", "DOCKER"] | None = None
    container_image: str | None = None
    docker: dict[str, Any] | None = None

    @property
    def container(self) -> str | None:
        """What asks for a container, in words; None where nothing does."""
        if self.task_runner is not None:
            return (
                None
                if self.task_runner.type in (PROCESS, PROCESS.removeprefix("io.kestra.plugin."))
                else f"taskRunner {self.task_runner.type}"
            )
        if self.runner is not None:
            return "runner: DOCKER" if self.runner == "DOCKER" else None
        image = self.container_image or (self.docker or {}).get("image")
        return f"image {image}" if image else None


def settle(wanted: Wanted, ctx: RunContext) -> None:
    """Everything runs as a process here. Raises TaskFailed where a container is asked for and must be had."""
    container = wanted.container
    if container is None:
        return
    if ctx.configuration.get("scripts.strict-images") in (True, "true"):
        raise TaskFailed(
            f"{container} cannot be had: no container engine is supported yet, and scripts.strict-images is on"
        )
    ctx.log.warning(f"{container} cannot be had: no container engine is supported yet; the task runs as a process")
