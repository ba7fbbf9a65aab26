"""Tasks that change their own execution, each within one decision: typed here, done by engine.updaters."""

from typing import Annotated, Any

from pydantic import AfterValidator

from tiercel.model.structural import Structural, one_of

_EXECUTION = "io.kestra.plugin.core.execution."


def _exit_state(written: str) -> str:
    return one_of(written, ("SUCCESS", "WARNING", "KILLED", "FAILED", "CANCELED", "CANCELLED"))


class Updater(Structural):
    """A task that changes its own execution, within one decision."""


class Labels(Updater):
    """Adds labels to the execution; a new value wins over an old one."""

    types = (_EXECUTION + "Labels", "io.kestra.core.tasks.executions.Labels")
    example = """
        id: labelled_on_the_way
        namespace: company.team
        tasks:
          - id: size
            type: io.kestra.plugin.core.execution.Labels
            labels:
              size: large
              flow: "{{ flow.id }}"
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ labels.size }}"
    """
    labels: dict[str, Any] | tuple[dict[str, Any], ...] | str
    """A map, a list of `key` and `value`, or an expression that gives JSON of either. Keys that begin with `system.` are refused."""


class SetVariables(Updater):
    """Merges values into the variables of the execution."""

    types = (_EXECUTION + "SetVariables",)
    example = """
        id: variables_on_the_way
        namespace: company.team
        variables:
          limits:
            rows: 10
        tasks:
          - id: raise_it
            type: io.kestra.plugin.core.execution.SetVariables
            variables:
              limits:
                rows: 20
              mode: full
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ vars.mode }}, {{ vars.limits.rows }} rows"
    """
    variables: dict[str, Any] | str
    """Names and values, or an expression that gives JSON of them. Maps are merged level by level, everything else is replaced."""
    overwrite: bool | str = True
    """Whether a variable that is there already gets the new value; where not, it fails the task."""


class UnsetVariables(Updater):
    """Removes variables of the execution."""

    types = (_EXECUTION + "UnsetVariables",)
    example = """
        id: without_a_variable
        namespace: company.team
        variables:
          mode: full
        tasks:
          - id: forget
            type: io.kestra.plugin.core.execution.UnsetVariables
            variables: [mode]
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ vars.mode ?? 'no mode' }}"
    """
    variables: tuple[str, ...] | str
    """Their names, or paths as `limits.rows` into maps: a list, or an expression that gives JSON of one."""
    ignore_missing: bool | str = False
    """Whether a name that is not there is let pass; where not, it fails the task."""


class Exit(Updater):
    """Ends the execution here, in a given state."""

    types = (_EXECUTION + "Exit",)
    example = """
        id: nothing_to_do
        namespace: company.team
        inputs:
          - id: rows
            type: INT
            defaults: 0
        tasks:
          - id: is_empty
            type: io.kestra.plugin.core.flow.If
            condition: "{{ inputs.rows == 0 }}"
            then:
              - id: leave
                type: io.kestra.plugin.core.execution.Exit
                state: WARNING
          - id: load
            type: io.kestra.plugin.core.log.Log
            message: this is not reached
    """
    state: Annotated[str, AfterValidator(_exit_state)] = "SUCCESS"
    """The state that the execution ends with: SUCCESS, WARNING, KILLED, FAILED or CANCELLED (or CANCELED). May be an expression."""
