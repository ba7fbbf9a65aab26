"""Flowable tasks: typed here, decided by the engine.

Branches, loops, waits, WorkingDirectory and the tasks that change their own execution have modules of their own; FLOWABLES
knows all of them by name.
"""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic.json_schema import SkipJsonSchema

from tiercel.model.batches import Batch, BatchExecutions, BatchOutputs, ForEachItem
from tiercel.model.branches import If, Switch
from tiercel.model.directories import DirectoryCache, WorkingDirectory
from tiercel.model.loops import (
    CheckFrequency,
    EachParallel,
    EachSequential,
    ForEach,
    Loop,
    LoopOutput,
    LoopUntil,
)
from tiercel.model.structural import (
    FLOW,
    FLOWABLES,
    OLD_FLOW,
    AnyTask,
    Flowable,
    SomeTasks,
    Structural,
    Tasks,
    build_task,
    task_class,
)
from tiercel.model.task import Authored, Duration
from tiercel.model.updaters import Exit, Labels, SetVariables, UnsetVariables, Updater
from tiercel.model.waits import Approval, Pause


class Sequential(Flowable):
    """Children one after the other; the first failure stops the rest."""

    types = (FLOW + "Sequential", OLD_FLOW + "Sequential")
    example = """
        id: prepare_then_load
        namespace: company.team
        tasks:
          - id: load
            type: io.kestra.plugin.core.flow.Sequential
            tasks:
              - id: fetch
                type: io.kestra.plugin.core.output.OutputValues
                values:
                  rows: 3
              - id: store
                type: io.kestra.plugin.core.log.Log
                message: "storing {{ outputs.fetch.values.rows }} rows"
            finally:
              - id: tidy
                type: io.kestra.plugin.core.log.Log
                message: tidying up
    """
    tasks: SomeTasks
    """What is done, one after the other. Each task may use what those before it have left in `outputs`."""

    def children(self) -> Tasks:
        return self.tasks


ChildFailure = Annotated[Literal["FAIL", "CANCEL", "CONTINUE"], BeforeValidator(lambda word: str(word).upper())]


class Parallel(Flowable):
    """Children at the same time, at most `concurrent` of them (0: all)."""

    types = (FLOW + "Parallel", OLD_FLOW + "Parallel")
    example = """
        id: load_side_by_side
        namespace: company.team
        tasks:
          - id: load
            type: io.kestra.plugin.core.flow.Parallel
            concurrent: 2
            tasks:
              - id: orders
                type: io.kestra.plugin.core.debug.Return
                format: orders
              - id: customers
                type: io.kestra.plugin.core.debug.Return
                format: customers
              - id: articles
                type: io.kestra.plugin.core.debug.Return
                format: articles
        outputs:
          - id: loaded
            type: STRING
            value: "{{ outputs.orders.value }}, {{ outputs.customers.value }}, {{ outputs.articles.value }}"
    """
    tasks: SomeTasks
    """What is done at the same time. No task may count on what another one of them leaves."""
    concurrent: Annotated[int, Field(ge=0)] = 0
    """How many run at the same time at most, the others wait in their order. 0: all, no more than 1,000 at once."""
    on_child_failure: ChildFailure = "FAIL"
    """What a failure with no retry left does to what still runs: FAIL and CANCEL interrupt it and give it that state, CONTINUE
    lets it go on to its end (so it was in 1.x). No further task is started in any case. Since 2.0."""

    def children(self) -> Tasks:
        return self.tasks


class DagTask(Authored):
    """A task of a Dag, and what it waits for."""

    task: AnyTask
    """The task, of any type."""
    depends_on: tuple[str, ...] = ()
    """Ids of other tasks of the same Dag: it starts when all of them have ended. One that is disabled counts as ended."""


class Dag(Flowable):
    """Children as soon as all they depend on has ended."""

    types = (FLOW + "Dag", OLD_FLOW + "Dag")
    example = """
        id: join_what_was_loaded
        namespace: company.team
        tasks:
          - id: pipeline
            type: io.kestra.plugin.core.flow.Dag
            tasks:
              - task:
                  id: join
                  type: io.kestra.plugin.core.log.Log
                  message: "{{ outputs.orders.value }} with {{ outputs.customers.value }}"
                dependsOn: [orders, customers]
              - task:
                  id: orders
                  type: io.kestra.plugin.core.debug.Return
                  format: orders
              - task:
                  id: customers
                  type: io.kestra.plugin.core.debug.Return
                  format: customers
    """
    tasks: Annotated[tuple[DagTask, ...], Field(min_length=1)]
    """What is done, each with what it depends on. The order of writing does not matter."""
    concurrent: Annotated[int, Field(ge=0)] = 0
    """How many run at the same time at most. 0: all that can, no more than 1,000 at once."""
    on_child_failure: ChildFailure = "FAIL"
    """What a failure with no retry left does to what still runs: FAIL and CANCEL interrupt it and give it that state, CONTINUE
    lets it go on to its end (so it was in 1.x). No further task is started in any case. Since 2.0."""

    def children(self) -> Tasks:
        return tuple(entry.task for entry in self.tasks)


class AllowFailure(Flowable):
    """Children one after the other; their failure becomes a warning."""

    types = (FLOW + "AllowFailure", OLD_FLOW + "AllowFailure")
    example = """
        id: go_on_without_it
        namespace: company.team
        tasks:
          - id: nice_to_have
            type: io.kestra.plugin.core.flow.AllowFailure
            tasks:
              - id: refresh
                type: io.kestra.plugin.core.execution.Fail
                errorMessage: the cache cannot be refreshed
          - id: report
            type: io.kestra.plugin.core.log.Log
            message: done without the cache
    """
    tasks: SomeTasks
    """What may fail, one after the other. The first failure skips the rest of them, and the execution goes on."""

    def children(self) -> Tasks:
        return self.tasks


class Subflow(Structural):
    """Starts an execution of another flow and, with `wait`, takes its end over."""

    types = (FLOW + "Subflow", OLD_FLOW + "Subflow", OLD_FLOW + "Flow")
    example = """
        id: call_another_flow
        namespace: company.team
        tasks:
          - id: greeting
            type: io.kestra.plugin.core.flow.Subflow
            namespace: company.team
            flowId: greet
            inputs:
              name: Ada
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ outputs.greeting.outputs.text }}"
    """
    namespace: str
    """The namespace of the other flow. May be an expression."""
    flow_id: str
    """The id of the other flow. May be an expression; then `flow validate` cannot know whether it is there."""
    revision: Annotated[int | None, Field(ge=1)] = None
    """Which revision of it; the latest that is no draft, where nothing is said."""
    inputs: dict[str, Any] = {}
    """What it is started with, by the names of its inputs. What it does not get has the default of the input."""
    labels: dict[str, Any] | tuple[dict[str, Any], ...] = ()
    """Labels of its execution: a map, or a list of `key` and `value`."""
    inherit_labels: bool | str = False
    """Whether its execution also gets the labels of this one. Those that begin with `system.` it always gets."""
    wait: bool = True
    """Whether to wait until it has ended. Without, the task is a success as soon as the execution exists."""
    transmit_failed: bool = True
    """Whether the task ends as the execution did, where that is FAILED, WARNING, KILLED or CANCELLED; else it is a success. With `wait`."""
    schedule_date: str | None = None
    """When it is to begin: a date with its time zone, for example `2027-01-31T08:00:00Z`. At once, where nothing is said."""
    restart_behavior: Literal["RETRY_FAILED", "NEW_EXECUTION"] = "RETRY_FAILED"
    """What a restart does to the execution that failed: RETRY_FAILED restarts it too, NEW_EXECUTION begins another one. Since 0.21."""
    outputs: dict[str, Any] | None = None
    """1.x: values that are rendered within the other flow; write `outputs` in that flow instead."""


class Sleep(Structural):
    """Waits for a time: a timer of the executor, no worker is held."""

    types = (FLOW + "Sleep",)
    example = """
        id: after_a_while
        namespace: company.team
        tasks:
          - id: wait
            type: io.kestra.plugin.core.flow.Sleep
            duration: PT10M
          - id: go_on
            type: io.kestra.plugin.core.log.Log
            message: ten minutes later
    """
    duration: Duration
    """How long: ISO 8601 (`PT10M`) or seconds. May be an expression."""


class Template(Flowable):
    """1.x: runs the tasks of a stored template as its own, one after the other."""

    types = (FLOW + "Template", OLD_FLOW + "Template")
    example = """
        id: from_a_template
        namespace: company.team
        tasks:
          - id: load
            type: io.kestra.plugin.core.flow.Template
            namespace: company.team
            templateId: load_table
            args:
              table: orders
    """
    namespace: str
    """Where the template lives."""
    template_id: str
    """The template."""
    tenant_id: str | None = None
    """Accepted and without effect."""
    args: dict[str, Any] = {}
    """Values for its expressions, which see them as `parent.outputs.args`."""
    tasks: SkipJsonSchema[Tasks] = ()
    """The tasks of the template: put in when the flow is made ready, never written."""
    aliases: SkipJsonSchema[dict[str, str]] = {}
    """Which of them got another id, since the flow has theirs already: what the template calls them, and what they are."""
    refusal: SkipJsonSchema[str] = (
        "its tasks and those of the flow make no flow together: the log of the server says why"
    )
    """Why they could not be put in, or empty; never written."""

    def children(self) -> Tasks:
        return self.tasks


FLOWABLES.update(
    {
        name: known
        for known in (
            Sequential,
            Parallel,
            Dag,
            If,
            Switch,
            AllowFailure,
            ForEach,
            Loop,
            LoopUntil,
            EachSequential,
            EachParallel,
            ForEachItem,
            Pause,
            Approval,
            WorkingDirectory,
            Subflow,
            Template,
            Sleep,
            Labels,
            SetVariables,
            UnsetVariables,
            Exit,
        )
        for name in known.types
    }
)

__all__ = [
    "FLOWABLES",
    "AllowFailure",
    "AnyTask",
    "Approval",
    "Batch",
    "BatchExecutions",
    "BatchOutputs",
    "CheckFrequency",
    "Dag",
    "DagTask",
    "DirectoryCache",
    "EachParallel",
    "EachSequential",
    "Exit",
    "Flowable",
    "ForEach",
    "ForEachItem",
    "If",
    "Labels",
    "Loop",
    "LoopOutput",
    "LoopUntil",
    "Parallel",
    "Pause",
    "Sequential",
    "SetVariables",
    "Sleep",
    "SomeTasks",
    "Structural",
    "Subflow",
    "Switch",
    "Tasks",
    "Template",
    "UnsetVariables",
    "Updater",
    "WorkingDirectory",
    "build_task",
    "task_class",
]
