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
    example = """
        id: until_somebody_says_so
        namespace: company.team
        tasks:
          - id: wait
            type: io.kestra.plugin.core.flow.Pause
            pauseDuration: P1D
            behavior: WARN
            onResume:
              - id: reason
                type: STRING
                defaults: none
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "resumed because: {{ outputs.wait.onResume.reason ?? 'nobody came' }}"
    """
    pause_duration: Annotated[
        Duration | None, Field(validation_alias=AliasChoices("pauseDuration", "delay", "pause_duration"))
    ] = None
    """After this time it goes on by itself, as `behavior` says; without it only a person (or `timeout`) ends the wait. Once `delay`. May be an expression."""
    behavior: Annotated[str, AfterValidator(_pause_behavior)] = "RESUME"
    """What happens when `pauseDuration` is over: RESUME is a success, WARN a warning, FAIL a failure, CANCEL ends the execution CANCELLED. It does not concern a person who resumes. Since 0.23."""
    on_resume: tuple[dict[str, Any], ...] = ()
    """Inputs asked of whoever resumes, shaped as `inputs` of a flow; what was given is in `outputs.<id>.onResume`."""
    on_pause: AnyTask | None = None
    """A task that runs when the wait begins, for example to tell somebody. The wait does not wait for it. Since 0.24."""
    tasks: Tasks = ()
    """1.x: tasks that run after the wait; write them behind the Pause."""

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
    example = """
        id: release
        namespace: company.team
        tasks:
          - id: may_we
            type: io.kestra.plugin.core.flow.Approval
            timeout: P1D
            commentRequired: ON_DENY
            denyBehavior: FAIL
            onDeny:
              - id: tell
                type: io.kestra.plugin.core.log.Log
                message: "no: {{ outputs.may_we.comment }}"
          - id: go
            type: io.kestra.plugin.core.log.Log
            message: released
    """
    inputs: tuple[dict[str, Any], ...] = ()
    """Inputs asked of whoever decides, shaped as `inputs` of a flow; what was given is in `outputs.<id>.inputs`."""
    decisions: Decisions = Decisions()
    """The words on the two buttons."""
    comment_required: Annotated[str, BeforeValidator(_upper), AfterValidator(_comment)] = "NEVER"
    """When whoever decides must say why: NEVER, ALWAYS, ON_DENY or ON_APPROVE. A decision without its comment is refused."""
    auto_approve: bool | str = False
    """An expression: where it holds nobody is asked, and it counts as approved (`outputs.<id>.auto` is true)."""
    approve_behavior: Behavior = "CONTINUE"
    """What follows an approval: CONTINUE, WARN and FAIL end the task in SUCCESS, WARNING or FAILED; SUCCEED, CANCEL and KILL end the whole execution so."""
    deny_behavior: Behavior = "CANCEL"
    """What follows a denial, in the same words."""
    expire_behavior: Behavior = "CANCEL"
    """What follows when the `timeout` is over and nobody has decided, in the same words."""
    on_wait: Tasks = ()
    """Tasks that run when the wait begins, for example to tell somebody. They see `outputs.<id>.url`."""
    on_approve: Tasks = ()
    """Tasks that run after an approval, before it takes its effect."""
    on_deny: Tasks = ()
    """Tasks that run after a denial, before it takes its effect."""

    def children(self) -> Tasks:
        return (*self.on_approve, *self.on_deny)

    def blocks(self) -> dict[str, Tasks]:
        """Those of the wait besides."""
        return {**super().blocks(), "onWait": self.on_wait}
