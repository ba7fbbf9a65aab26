"""Tasks that run one of several lists, chosen once by a rendered value."""

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from tiercel.model.structural import FLOW, OLD_FLOW, Flowable, SomeTasks, Tasks


class If(Flowable):
    """One of two lists, by a condition rendered once."""

    types = (FLOW + "If", OLD_FLOW + "If")
    example = """
        id: only_when_there_is_something
        namespace: company.team
        inputs:
          - id: rows
            type: INT
            defaults: 3
        tasks:
          - id: is_there_any
            type: io.kestra.plugin.core.flow.If
            condition: "{{ inputs.rows > 0 }}"
            then:
              - id: load
                type: io.kestra.plugin.core.log.Log
                message: "loading {{ inputs.rows }} rows"
            else:
              - id: skip
                type: io.kestra.plugin.core.log.Log
                message: nothing to load
    """
    condition: str | bool | int | float
    """An expression, rendered once, when the task begins. Nothing, `false` and 0 do not hold, everything else does."""
    then: SomeTasks
    """What is done where it holds, one after the other."""
    else_: Annotated[Tasks, Field(alias="else")] = ()
    """What is done where it does not, one after the other; nothing, where it is left out."""

    def children(self) -> Tasks:
        return (*self.then, *self.else_)


def _or_nothing(raw: object) -> object:
    return () if raw is None else raw


class Switch(Flowable):
    """The list of the case that equals a rendered value."""

    types = (FLOW + "Switch", OLD_FLOW + "Switch")
    example = """
        id: by_country
        namespace: company.team
        inputs:
          - id: country
            type: STRING
            defaults: FR
        tasks:
          - id: country
            type: io.kestra.plugin.core.flow.Switch
            value: "{{ inputs.country }}"
            cases:
              AT:
                - id: vienna
                  type: io.kestra.plugin.core.log.Log
                  message: to Vienna
              FR:
                - id: paris
                  type: io.kestra.plugin.core.log.Log
                  message: to Paris
            defaults:
              - id: elsewhere
                type: io.kestra.plugin.core.log.Log
                message: "nobody delivers to {{ inputs.country }}"
    """
    value: str | bool | int | float
    """An expression, rendered once, when the task begins; its text is looked up among the cases."""
    cases: dict[str, Annotated[Tasks, BeforeValidator(_or_nothing)]] = {}
    """By the value, letter for letter, what is done, one after the other; at least one task each."""
    defaults: Tasks = ()
    """What is done where no case fits. Without it a value that no case has fails the task."""

    def children(self) -> Tasks:
        return (*(task for tasks in self.cases.values() for task in tasks), *self.defaults)

    @model_validator(mode="after")
    def _has_a_branch(self) -> "Switch":
        if not self.cases and not self.defaults:
            raise ValueError("No task defined, neither cases or default have any tasks")
        return self
