"""The secrets that a run came to know: what it shows of its outputs hides them, as its log lines do."""

from typing import Any, cast

from tiercel.expression import HostCall
from tiercel.model.execution import Execution
from tiercel.model.masking import Masker
from tiercel.model.sealed import Decrypt, opened
from tiercel.sdk import RunInfo
from tiercel.services.host import WorldHost


class OverheardHost(WorldHost):
    """Remembers the secrets that it gave."""

    def __init__(self, **world: Any) -> None:
        super().__init__(**world)
        self.masker = Masker()

    async def answer(self, call: HostCall, info: RunInfo) -> Any:
        value = await super().answer(call, info)
        self.masker.add_answer(call.function, value)
        return value


def hide_inputs(execution: Execution, masker: Masker, decrypt: Decrypt) -> None:
    """Hide what inputs of type SECRET hold."""

    def overheard(sealed: str) -> str:
        clear = decrypt(sealed)
        masker.add(clear)
        return clear

    opened(execution.inputs, overheard)


def starred(value: Any, masker: Masker) -> Any:
    """Plain data as people may see it. Text by text: written as YAML, a long one has line breaks within."""
    match value:
        case str():
            return masker.mask(value)
        case dict():
            return {key: starred(inner, masker) for key, inner in cast(dict[str, Any], value).items()}
        case list() | tuple():
            return [starred(inner, masker) for inner in cast(list[Any], value)]
        case _:
            return value
