"""Functions that read JSON, YAML and Ion."""

import json
from collections.abc import Mapping
from typing import NoReturn

from tiercel.expression.callables import Arguments, Function
from tiercel.expression.errors import ExpressionError
from tiercel.expression.ion import read_ion
from tiercel.expression.values import Value
from tiercel.expression.yaml_text import read_yaml


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"`{text}` is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _from_json(arguments: Arguments) -> Value:
    text = _text_or_null(arguments, "json")
    if text is None:
        return None
    try:
        return _DECODER.raw_decode(text.lstrip(" \t\r\n\ufeff"))[0]
    except ValueError as error:
        raise ExpressionError("parse", f"the text is no JSON: {error}") from None


def _from_ion(arguments: Arguments) -> Value:
    """Ion as text, or as the bytes of such text."""
    if isinstance(arguments.get("ion"), bytes):
        return read_ion(arguments.get("ion").decode("utf-8", "replace"))
    text = _text_or_null(arguments, "ion")
    return None if text is None else read_ion(text)


def _yaml(arguments: Arguments) -> Value:
    return read_yaml(arguments.text("yaml"))


def _text_or_null(arguments: Arguments, name: str) -> str | None:
    if not arguments.has(name):
        raise ExpressionError("argument", f"`{arguments.owner}` needs the argument `{name}`")
    return arguments.optional_text(name)


FUNCTIONS: Mapping[str, Function] = {
    "fromJson": Function(_from_json, ("json",)),
    "json": Function(_from_json, ("json",)),
    "jsonDecode": Function(_from_json, ("json",)),
    "fromIon": Function(_from_ion, ("ion",)),
    "ionDecode": Function(_from_ion, ("ion",)),
    "yaml": Function(_yaml, ("yaml",)),
}
