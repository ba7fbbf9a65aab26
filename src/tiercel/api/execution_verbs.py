"""What is asked of one execution besides starting and reading it: run again, go on, stop, count as something else."""

from collections.abc import Awaitable, Callable

import msgspec
from starlette.responses import Response

from tiercel.api.answers import json_answer
from tiercel.api.call import Call
from tiercel.api.execution_reader import ExecutionReader
from tiercel.api.given import checked_label, read_breakpoints, read_given
from tiercel.api.problems import ApiError, Detail
from tiercel.api.routing import JSON, MULTIPART, route
from tiercel.api.shapes import InnerExecution
from tiercel.engine.events import ChangeTaskRun, Resume
from tiercel.model.execution import Execution, Label
from tiercel.model.states import TERMINATED, State
from tiercel.services import verbs
from tiercel.services.creator import Creator
from tiercel.services.door import Door
from tiercel.services.purge import Purge
from tiercel.services.replayer import replayed_inputs
from tiercel.services.residents import Told
from tiercel.services.resuming import Resuming
from tiercel.services.uploads import Uploads
from tiercel.services.verbs import Ask, Verb, Verbs

_ACTIONS = "/executions/{executionId}/actions/"


class KillQuery(msgspec.Struct, frozen=True):
    is_on_kill_cascade: bool = msgspec.field(default=True, name="isOnKillCascade")


class RestartQuery(msgspec.Struct, frozen=True):
    revision: int | None = None


class ReplayQuery(msgspec.Struct, frozen=True):
    task_run_id: str | None = msgspec.field(default=None, name="taskRunId")
    revision: int | None = None
    breakpoints: str | None = None


class BreakpointQuery(msgspec.Struct, frozen=True):
    breakpoints: str | None = None


class StatusQuery(msgspec.Struct, frozen=True):
    status: State


class UnqueueQuery(msgspec.Struct, frozen=True):
    state: State = State.RUNNING


class DeleteQuery(msgspec.Struct, frozen=True):
    delete_logs: bool = msgspec.field(default=True, name="deleteLogs")
    delete_metrics: bool = msgspec.field(default=True, name="deleteMetrics")
    delete_storage: bool = msgspec.field(default=True, name="deleteStorage")

    @property
    def parts(self) -> list[str]:
        wanted = {"logs": self.delete_logs, "metrics": self.delete_metrics, "files": self.delete_storage}
        return ["executions", *(part for part, is_wanted in wanted.items() if is_wanted)]


class TaskRunState(msgspec.Struct, frozen=True, rename="camel"):
    """A task run, and the state it is to count as ended in."""

    task_run_id: str
    state: State


class LabelText(msgspec.Struct, frozen=True):
    key: str
    value: str


class ExecutionVerbs:
    """The routes of verbs on one execution. Each answers with the execution as it stood right after."""

    def __init__(
        self,
        *,
        door: Door,
        executions: ExecutionReader,
        creator: Creator,
        resuming: Resuming,
        uploads: Uploads,
        purge: Purge,
    ) -> None:
        self._door = door
        self._verbs = Verbs(door)
        self._read = executions
        self._creator = creator
        self._resuming = resuming
        self._uploads = uploads
        self._purge = purge
        self.old_verbs: dict[str, Callable[[Call], Awaitable[Response]]] = {
            "restart": self.restart,
            "replay": self.replay,
            "replay-with-inputs": self.replay_with_inputs,
            "state": self.change_task_run,
            "change-status": self.change_status,
            "pause": self.pause,
            "resume": self.resume,
            "resume-from-breakpoint": self.resume_breakpoint,
            "force-run": self.force_run,
            "unqueue": self.unqueue,
            "labels": self.set_labels,
        }
        """The verbs of 1.x by their path: `POST executions/{executionId}/restart`."""

    # Again -----------------------------------------------------------------------------------------------------------

    @route("POST", _ACTIONS + "restart", operation="restartExecution", query=RestartQuery, answers=InnerExecution)
    async def restart(self, call: Call) -> Response:
        """Run what failed again: in place, or with another revision as a new execution"""
        ask = self._verbs.restart(revision=call.query(RestartQuery).revision)
        return await self._asked(call, verbs.RESTART, ask)

    @route("POST", _ACTIONS + "replay", operation="replayExecution", query=ReplayQuery, answers=InnerExecution)
    async def replay(self, call: Call) -> Response:
        """Start a copy of an execution, from its start or from a task run"""
        query = call.query(ReplayQuery)
        ask = self._verbs.replay(
            revision=query.revision, task_run=query.task_run_id, breakpoints=read_breakpoints(query.breakpoints) or ()
        )
        return await self._asked(call, verbs.REPLAY, ask)

    @route(
        "POST",
        _ACTIONS + "replay-with-inputs",
        operation="replayExecutionWithinputs",
        query=ReplayQuery,
        accepts=(MULTIPART, JSON),
        answers=InnerExecution,
    )
    async def replay_with_inputs(self, call: Call) -> Response:
        """Start a copy of an execution with other inputs; what is not given stays as it was"""
        query = call.query(ReplayQuery)
        execution = await self._read.header(call.tenant, call.path["executionId"])
        async with self._uploads.for_running(execution) as upload:
            given = await read_given(call, upload)
            inputs = await replayed_inputs(self._creator, execution, given, revision=query.revision)
            ask = self._verbs.replay(
                revision=query.revision,
                task_run=query.task_run_id,
                inputs=inputs,
                breakpoints=read_breakpoints(query.breakpoints) or (),
            )
            return await self._asked(call, verbs.REPLAY, ask)

    @route(
        "POST",
        _ACTIONS + "state",
        operation="updateTaskRunState",
        accepts=(JSON,),
        body=TaskRunState,
        answers=InnerExecution,
    )
    async def change_task_run(self, call: Call) -> Response:
        """Let a task run count as ended in another state, and go on from there"""
        wanted = await call.json(TaskRunState)

        async def ask(execution: Execution) -> Told:
            event = ChangeTaskRun(*self._door.moment(), task_run=wanted.task_run_id, state=wanted.state)
            return await self._door.tell(execution.id, event)

        return await self._asked(call, verbs.CHANGE_TASK_RUN, ask)

    @route(
        "POST", _ACTIONS + "change-status", operation="updateExecutionStatus", query=StatusQuery, answers=InnerExecution
    )
    async def change_status(self, call: Call) -> Response:
        """Let an execution that is over count as ended in another state"""
        return await self._asked(
            call, verbs.CHANGE_STATUS, self._verbs.change_status(state=ended_state(call.query(StatusQuery).status))
        )

    # Stop and go -----------------------------------------------------------------------------------------------------

    @route("DELETE", _ACTIONS + "kill", operation="killExecution", query=KillQuery, answers=InnerExecution)
    @route(
        "DELETE", "/executions/{executionId}/kill", operation="killExecution1x", query=KillQuery, answers=InnerExecution
    )
    async def kill(self, call: Call) -> Response:
        """Kill an execution, and those it started; one that is over stays as it is"""
        ask = self._verbs.kill(cascade=call.query(KillQuery).is_on_kill_cascade, by=call.user)
        execution = await self._read.header(call.tenant, call.path["executionId"])
        return json_answer(await self._read.after((await ask(execution)).execution))

    @route("POST", _ACTIONS + "pause", operation="pauseExecution", answers=InnerExecution)
    async def pause(self, call: Call) -> Response:
        """Pause a running execution: what runs ends, nothing new starts"""
        return await self._asked(call, verbs.PAUSE, self._verbs.pause())

    @route("POST", _ACTIONS + "resume", operation="resumeExecution", accepts=(MULTIPART, JSON), answers=InnerExecution)
    async def resume(self, call: Call) -> Response:
        """Let a paused execution go on, with the inputs its pause asks for"""
        execution = await self._read.header(call.tenant, call.path["executionId"])
        async with self._uploads.for_running(execution) as upload:
            given = await read_given(call, upload)
            inputs = await self._resuming.inputs(*await self._read.paused(execution), given)

        async def ask(execution: Execution) -> Told:
            event = Resume(*self._door.moment(), inputs=inputs, by=call.user)
            return await self._door.tell(execution.id, event)

        return await self._asked(call, verbs.RESUME, ask)

    @route(
        "POST",
        _ACTIONS + "resume-from-breakpoint",
        operation="resumeExecutionFromBreakpoint",
        query=BreakpointQuery,
        answers=InnerExecution,
    )
    async def resume_breakpoint(self, call: Call) -> Response:
        """Let an execution go on that stopped at a breakpoint, with other breakpoints from now on if they are given"""
        breakpoints = read_breakpoints(call.query(BreakpointQuery).breakpoints)
        return await self._asked(call, verbs.RESUME_BREAKPOINT, self._verbs.resume_breakpoint(breakpoints=breakpoints))

    @route("POST", _ACTIONS + "force-run", operation="forceRunExecution", answers=InnerExecution)
    async def force_run(self, call: Call) -> Response:
        """Let an execution go on, whatever it waits for"""
        return await self._asked(call, verbs.FORCE_RUN, self._verbs.force_run())

    @route("POST", _ACTIONS + "unqueue", operation="unqueueExecution", query=UnqueueQuery, answers=InnerExecution)
    async def unqueue(self, call: Call) -> Response:
        """Take an execution out of the queue of its flow's limit, to run without a slot or to end"""
        return await self._asked(call, verbs.UNQUEUE, self._verbs.unqueue(state=call.query(UnqueueQuery).state))

    # What is remembered ----------------------------------------------------------------------------------------------

    @route(
        "POST",
        _ACTIONS + "labels",
        operation="setLabelsOnTerminatedExecution",
        accepts=(JSON,),
        body=list[LabelText],
        answers=InnerExecution,
    )
    async def set_labels(self, call: Call) -> Response:
        """Give an execution that is over other labels; those of the system stay"""
        labels = read_labels_of(await call.json(list[LabelText]))
        return await self._asked(call, verbs.LABELS, self._verbs.set_labels(labels=labels))

    @route("DELETE", "/executions/{executionId}", operation="deleteExecution", query=DeleteQuery)
    async def delete(self, call: Call) -> Response:
        """Delete an execution that is over, with what belongs to it"""
        execution = await self._read.header(call.tenant, call.path["executionId"])
        if execution.live:
            reason = f"Cannot delete execution: it is not terminated, its state is '{execution.state.current}'."
            raise ApiError("conflict", reason, errors=[Detail(reason, explanation="kill it first")])
        await self._purge.of(call.tenant, [execution.id], parts=call.query(DeleteQuery).parts)
        return Response(status_code=204)

    async def _asked(self, call: Call, verb: Verb, ask: Ask) -> Response:
        """The execution right after; 409 where the engine, or its state, does not allow the verb."""
        execution = await self._read.header(call.tenant, call.path["executionId"])
        told = await ask(execution)
        if told.ignored is not None:
            # Where its state is one for the verb, the verb's own words would be about something else.
            words = told.ignored if verb.refused(execution) is None else verb.words(execution)
            raise ApiError("conflict", words, errors=[Detail(words, explanation=told.ignored)])
        return json_answer(await self._read.after(told.execution))


def ended_state(state: State) -> State:
    """Raises ApiError for a state in which nothing is over."""
    if state not in TERMINATED:
        words = f"You can only change the state of an execution to a terminal one, not to '{state.value}'."
        raise ApiError("invalid-argument", words)
    return state


def read_labels_of(written: list[LabelText]) -> tuple[Label, ...]:
    """Raises ApiError for the first that is none, or is the server's own."""
    return tuple(checked_label(label.key, label.value) for label in written)
