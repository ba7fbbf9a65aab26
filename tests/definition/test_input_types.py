"""What is told of the types of inputs is true."""

import pytest

from tiercel.definition.input_types import INPUT_TYPES, own_properties
from tiercel.definition.typed import parse
from tiercel.model.flow import Input, InputType

WITH_A_VALUE = [kind for kind, about in INPUT_TYPES.items() if about.given is not None]


def test_every_type_is_told_of() -> None:
    assert set(INPUT_TYPES) == set(InputType)


@pytest.mark.parametrize("kind", WITH_A_VALUE)
def test_an_example_is_kept_as_it_is_told(kind: InputType) -> None:
    about = INPUT_TYPES[kind]
    assert parse(kind, about.given) == about.kept


def test_the_properties_of_types_are_properties_of_inputs() -> None:
    old = {"options", "allowedFileExtensions"}
    aliases = {field.alias or name for name, field in Input.model_fields.items()}
    assert own_properties() - old <= aliases | {"values", "accept"}
