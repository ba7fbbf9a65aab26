"""What an error says is there, where the context was given only what the expressions mean."""

from dataclasses import replace

import pytest
from tests.expression.rendered import surroundings

from tiercel.expression import UndefinedError, compile


def message(template: str, **left_out: tuple[str, ...]) -> str:
    with pytest.raises(UndefinedError) as caught:
        compile(template).render({"outputs": {}}, replace(surroundings(), left_out=left_out))
    return caught.value.message


def test_names_that_were_left_out_are_offered() -> None:
    assert message("{{ outputs.extrct.x }}", outputs=("extract", "load")).endswith("did you mean `extract`?")
    assert message("{{ outputs['extrct'].x }}", outputs=("extract", "load")).endswith("did you mean `extract`?")


def test_names_that_are_not_near_are_told() -> None:
    assert message("{{ outputs.zzz }}", outputs=("extract", "load")).endswith("there is `extract`, `load`")


def test_nothing_is_told_of_other_places() -> None:
    assert "extract" not in message("{{ outputs.extrct }}", inputs=("extract",))
