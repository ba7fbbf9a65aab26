"""The base class of runnable tasks: one class is one type of the flow language."""

from typing import Any, ClassVar, Generic, TypeVar

from tiercel.sdk.context import RunContext
from tiercel.sdk.output import Output
from tiercel.sdk.properties import Properties

OutputT = TypeVar("OutputT", bound=Output)


class Plugin(Properties):
    """Common to tasks and triggers.

    The worker renders every `{{ }}` of the raw properties and validates them into the class, so that the author sees
    plain values; saving a flow checks the same class and trusts values that hold an expression.
    """

    type_name: ClassVar[str] = ""
    example: ClassVar[str] = ""
    """A whole flow that shows the type at work; a test checks it, the reference prints it."""

    def __init_subclass__(cls, *, type: str | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        if type is not None:
            cls.type_name = type


class Task(Plugin, Generic[OutputT]):
    """A runnable task. Subclass as `class Query(Task[QueryOutput], type="io.kestra.plugin.jdbc.postgresql.Query")`.

    `instant=True` says that `run` does no I/O and never waits: the executor runs it without a worker. It holds for the
    built-in types only; others always run on a worker, so that no plugin can hold up the executor.
    """

    is_instant: ClassVar[bool] = False

    def __init_subclass__(cls, *, instant: bool | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        if instant is not None:
            cls.is_instant = instant

    async def run(self, ctx: RunContext) -> OutputT | None:
        """Do the work and return the outputs. Raise TaskFailed for an end that people can mend."""
        raise TypeError(f"{type(self).__name__} has no run")
