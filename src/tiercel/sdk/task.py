"""The base class of runnable tasks: one class is one type of the flow language."""

from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from tiercel.sdk.context import RunContext
from tiercel.sdk.output import Output

OutputT = TypeVar("OutputT", bound=Output)


class Plugin(BaseModel):
    """Common to tasks and triggers: typed properties, camelCase outside, unknown ones refused.

    The worker renders every `{{ }}` of the raw properties and validates them into the class, so that the author sees
    plain values; saving a flow checks the same class and trusts values that hold an expression.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True, arbitrary_types_allowed=True
    )
    type_name: ClassVar[str] = ""
    aliases: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, *, type: str | None = None, aliases: tuple[str, ...] = (), **options: Any) -> None:
        super().__init_subclass__(**options)
        if type is not None:
            cls.type_name, cls.aliases = type, aliases


class Task(Plugin, Generic[OutputT]):
    """A runnable task. Subclass as `class Query(Task[QueryOutput], type="io.kestra.plugin.jdbc.postgresql.Query")`.

    `instant=True` says that `run` does no I/O and never waits: the executor runs it without a worker.
    """

    is_instant: ClassVar[bool] = False

    def __init_subclass__(cls, *, instant: bool | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        if instant is not None:
            cls.is_instant = instant

    async def run(self, ctx: RunContext) -> OutputT | None:
        """Do the work and return the outputs. Raise TaskFailed for an end that people can mend."""
        raise TypeError(f"{type(self).__name__} has no run")
