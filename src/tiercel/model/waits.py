"""Tasks that wait for a person."""

from typing import Annotated, Any

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field

from tiercel.model.structural import FLOW, OLD_FLOW, AnyTask, Flowable, Tasks, one_of
from tiercel.model.task import Authored, Duration


def _pause_behavior(written: str) -> str:
    return one_of(written, ("RESUME", "WARN", "FAIL", "CANCEL"))


class Pause(Flowable):
    """Waits for a person, or for a time."""

    types = (FLOW + "Pause", OLD_FLOW + "Pause")
    pause_duration: Annotated[
        Duration | None, Field(validation_alias=AliasChoices("pauseDuration", "delay", "pause_duration"))
    ] = None
    """How long it waits at most; for ever where nothing is said."""
    behavior: Annotated[str, AfterValidator(_pause_behavior)] = "RESUME"
    """RESUME, WARN, FAIL or CANCEL, or an expression that gives one."""
    on_resume: tuple[dict[str, Any], ...] = ()
    """Inputs asked of whoever resumes, as written; definition.inputs reads them."""
    on_pause: AnyTask | None = None
    """A task that runs when the wait begins."""
    tasks: Tasks = ()
    """1.x: run after the resume."""

    def children(self) -> Tasks:
        return self.tasks


BEHAVIORS = ("CONTINUE", "WARN", "FAIL", "SUCCEED", "CANCEL", "KILL")
"""What a decision does: the task goes on well, with a warning or failed, or the execution ends in that way."""
COMMENTS = ("NEVER", "ALWAYS", "ON_DENY", "ON_APPROVE")


def _behavior(written: str) -> str:
    return one_of(written, BEHAVIORS)


def _comment(written: str) -> str:
    return one_of(written, COMMENTS)


def _upper(written: object) -> object:
    return written.upper() if isinstance(written, str) and "{{" not in written else written


Behavior = Annotated[str, BeforeValidator(_upper), AfterValidator(_behavior)]
"""One of BEHAVIORS, or an expression that gives one."""


class Decisions(Authored):
    """The words on the two buttons."""

    approve: str = "Approve"
    """The word to go on."""
    deny: str = "Deny"
    """The word to refuse."""


class Approval(Flowable):
    """Waits until somebody approves or denies, or for a time."""

    types = (FLOW + "Approval",)
    inputs: tuple[dict[str, Any], ...] = ()
    """Asked of whoever decides, as written; definition.inputs reads them."""
    decisions: Decisions = Decisions()
    """The words on the two buttons."""
    comment_required: Annotated[str, BeforeValidator(_upper), AfterValidator(_comment)] = "NEVER"
    """When whoever decides must say why."""
    auto_approve: bool | str = False
    """An expression: where it holds nobody is asked."""
    approve_behavior: Behavior = "CONTINUE"
    """What follows an approval."""
    deny_behavior: Behavior = "CANCEL"
    """What follows a denial."""
    expire_behavior: Behavior = "CANCEL"
    """What follows when the time is over."""
    on_wait: Tasks = ()
    """Tasks that run when the wait begins."""
    on_approve: Tasks = ()
    """Tasks that run after an approval."""
    on_deny: Tasks = ()
    """Tasks that run after a denial."""

    def children(self) -> Tasks:
        return (*self.on_approve, *self.on_deny)

    def blocks(self) -> dict[str, Tasks]:
        """Those of the wait besides."""
        return {**super().blocks(), "onWait": self.on_wait}
