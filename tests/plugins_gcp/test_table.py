"""Addresses of tables."""

import pytest

from tiercel.sdk import TaskFailed
from tiercel_gcp.bigquery.table import table_address


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("project.dataset.events", ("project", "dataset", "events")),
        ("project:dataset.events", ("project", "dataset", "events")),
        ("my-project-1.dataset.events", ("my-project-1", "dataset", "events")),
        ("example.com:project.dataset.events", ("example.com:project", "dataset", "events")),
        ("example.com:project:dataset.events", ("example.com:project", "dataset", "events")),
        ("dataset.events", (None, "dataset", "events")),
        ("`project.dataset.events`", ("project", "dataset", "events")),
        ("`project`.`dataset`.`events`", ("project", "dataset", "events")),
        ("dataset.events$20261125", (None, "dataset", "events$20261125")),
        (" dataset.events-2026 ", (None, "dataset", "events-2026")),
    ],
)
def test_an_address_is_read(text: str, parts: tuple[str | None, str, str]) -> None:
    assert table_address(text) == parts


@pytest.mark.parametrize("text", ["", "events", "a.b.c.d", "project.dataset.", ".dataset.events", "a b.c.d"])
def test_anything_else_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(TaskFailed, match=r"write project\.dataset\.table or dataset\.table"):
        table_address(text)


def test_a_table_without_a_project_is_in_that_of_the_job() -> None:
    assert str(table_address("dataset.events").within("mine")) == "mine.dataset.events"


def test_a_project_that_is_named_stays() -> None:
    assert str(table_address("theirs.dataset.events").within("mine")) == "theirs.dataset.events"
