"""Labels as people write them, and texts that may be written without quotes."""

from typing import Annotated, Any, cast

from pydantic import BeforeValidator

from tiercel.model.execution import Label
from tiercel.model.task import Authored


def _as_labels(raw: object) -> object:
    """Labels are written as a mapping or as a list of key and value; both become the list."""
    if not isinstance(raw, dict):
        return raw
    written = cast(dict[str, Any], raw)
    return tuple({"key": key, "value": value} for key, value in written.items())


def as_text(value: object) -> object:
    """`yes` and `true` without quotes are texts where nothing but a text is wanted."""
    return str(value).lower() if isinstance(value, bool) else value


Text = Annotated[str, BeforeValidator(as_text, json_schema_input_type=str | bool)]


class LabelText(Authored):
    key: str
    """The name of the label."""
    value: Text
    """Its value, a text."""

    def label(self) -> Label:
        return Label(self.key, self.value)


Labels = Annotated[
    tuple[LabelText, ...],
    BeforeValidator(_as_labels, json_schema_input_type=dict[str, str | bool | None] | tuple[LabelText, ...]),
]
