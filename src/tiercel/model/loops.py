"""Tasks that run their children again and again: for each value, or until a condition holds."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from tiercel.model.structural import FLOW, OLD_FLOW, Flowable, SomeTasks, Tasks
from tiercel.model.task import Authored, Duration


class LoopOutput(Authored):
    """A value that each iteration of a Loop gives: shaped as an output of a flow."""

    id: Annotated[str, Field(min_length=1, pattern=r"^[a-zA-Z0-9][.a-zA-Z0-9_-]*$")]
    """The name by which it is found in `outputs.<loop>.outputs`."""
    type: str
    """One of the types of inputs: the value must be one it takes."""
    item_type: str | None = None
    """ARRAY, MULTISELECT: the type of each entry."""
    value: Any = None
    """An expression, rendered within the iteration when its tasks are done; or a literal."""
    description: str | None = None
    """For people, in Markdown."""
    display_name: str | None = None
    """What people see as its name."""
    required: bool = True
    """Whether null is an error that fails the iteration."""


class Loop(Flowable):
    """The children once for each value, each time as an execution of its own that only this task waits for."""

    types = (FLOW + "Loop",)
    example = """
        id: greet_everybody
        namespace: company.team
        tasks:
          - id: each
            type: io.kestra.plugin.core.flow.Loop
            values: [Ada, Grace]
            outputs:
              - id: greeting
                type: STRING
                value: "{{ outputs.greet.value }}"
            tasks:
              - id: greet
                type: io.kestra.plugin.core.debug.Return
                format: "hello {{ item.value }}"
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ outputs.each.outputs[1].outputs.greeting }}"
    """
    values: Any
    """A list, a map, JSON text of either, or the URI of a file with one value a line, which is read as it is needed. Entries of a
    list become texts (JSON where they are not simple), one that occurs again is left out; of a map each entry counts."""
    tasks: SomeTasks
    """What is done for each value."""
    concurrency_limit: Annotated[int, Field(ge=0)] = 1
    """For how many values at the same time; 0: for all, no more than 1,000 at once."""
    transmit_failed: bool = True
    """Whether an iteration that failed, was killed or cancelled ends this task so, at once. Where not, all values have their turn, and the task is a success."""
    outputs: tuple[LoopOutput, ...] = ()
    """What each iteration gives: shaped as `outputs` of a flow. Nothing else of an iteration can be read after the Loop."""
    fetch_type: Annotated[Literal["AUTO", "FETCH", "STORE"], BeforeValidator(lambda word: str(word).upper())] = "AUTO"
    """Where what the iterations give is kept. FETCH: in the outputs of this task. STORE: as a file each. AUTO: STORE where the values came from a file, else FETCH."""
    break_when: str | bool | None = None
    """An expression, looked at after each iteration: once it holds no further one is started. It sees `item` and `iteration` (`.state`, `.outputs`, `.executionId`). Since 2.0."""

    def children(self) -> Tasks:
        return self.tasks


class CheckFrequency(Authored):
    """How long a LoopUntil waits between two iterations, and when it gives up."""

    interval: Duration = "PT1M"
    """From the end of one round to the beginning of the next; a minute, where nothing is said."""
    max_iterations: int | str | None = None
    """So many rounds at most; without it no number ends the loop (100 before 0.23)."""
    max_duration: Duration | None = None
    """No round begins after this time since the task began; without it no time ends the loop (an hour before 0.23)."""


class LoopUntil(Flowable):
    """The children again and again, until the condition holds."""

    types = (FLOW + "LoopUntil", FLOW + "WaitFor", OLD_FLOW + "WaitFor")
    example = """
        id: wait_for_the_third_look
        namespace: company.team
        tasks:
          - id: until
            type: io.kestra.plugin.core.flow.LoopUntil
            condition: "{{ outputs.look.value == '3' }}"
            checkFrequency:
              interval: PT5M
              maxIterations: 10
            failOnMaxReached: true
            tasks:
              - id: look
                type: io.kestra.plugin.core.debug.Return
                format: "{{ outputs.until.iterationCount }}"
    """
    condition: str | bool | int | float
    """An expression, rendered after each round: the end, once it holds. It sees the outputs of the round, and `outputs.<id>.iterationCount`."""
    tasks: SomeTasks
    """What is done in each round, one after the other. Of earlier rounds nothing is kept."""
    fail_on_max_reached: bool | str = False
    """Whether it is a failure where one of the maxima of `checkFrequency` comes first; where not, the task ends as its children did."""
    check_frequency: CheckFrequency = CheckFrequency()
    """How long to wait between rounds, and when to give up."""

    def children(self) -> Tasks:
        return self.tasks


class ForEach(Flowable):
    """The children once for each value, in groups; at most `concurrencyLimit` groups at a time (0: all)."""

    types = (FLOW + "ForEach",)
    example = """
        id: load_tables
        namespace: company.team
        tasks:
          - id: each
            type: io.kestra.plugin.core.flow.ForEach
            values: [orders, customers]
            concurrencyLimit: 0
            tasks:
              - id: load
                type: io.kestra.plugin.core.debug.Return
                format: "{{ taskrun.iteration }}: {{ taskrun.value }}"
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ outputs.load['customers'].value }}"
    """
    values: Any
    """A list, or text that renders to a JSON list. Each entry becomes text (`taskrun.value`), one that occurs again is left out; null fails the task."""
    tasks: SomeTasks
    """What is done for each value."""
    concurrency_limit: Annotated[int, Field(ge=0)] = 1
    """For how many values at the same time; 0: for all, no more than 1,000 at once. The tasks of one value always run one after the other."""

    def children(self) -> Tasks:
        return self.tasks


class EachSequential(Flowable):
    """1.x: the children once for each value, one value after the other."""

    types = (FLOW + "EachSequential", OLD_FLOW + "EachSequential")
    example = """
        id: one_table_after_the_other
        namespace: company.team
        tasks:
          - id: each
            type: io.kestra.plugin.core.flow.EachSequential
            value: [orders, customers]
            tasks:
              - id: load
                type: io.kestra.plugin.core.log.Log
                message: "loading {{ taskrun.value }}"
    """
    value: Any
    """A list, or text that renders to a JSON list. Each entry becomes text, an entry that occurs again is left out."""
    tasks: SomeTasks
    """What is done for each value."""

    def children(self) -> Tasks:
        return self.tasks


class EachParallel(Flowable):
    """1.x: the children once for each value, all of them at the same time, at most `concurrent` (0: all)."""

    types = (FLOW + "EachParallel", OLD_FLOW + "EachParallel")
    example = """
        id: tables_side_by_side
        namespace: company.team
        tasks:
          - id: each
            type: io.kestra.plugin.core.flow.EachParallel
            value: '["orders", "customers"]'
            tasks:
              - id: load
                type: io.kestra.plugin.core.debug.Return
                format: "loading {{ taskrun.value }}"
    """
    value: Any
    """A list, or text that renders to a JSON list. Each entry becomes text, an entry that occurs again is left out."""
    tasks: SomeTasks
    """What is done for each value."""
    concurrent: Annotated[int, Field(ge=0)] = 0
    """How many of the children of all values run at the same time; 0: all, no more than 1,000 at once."""

    def children(self) -> Tasks:
        return self.tasks
