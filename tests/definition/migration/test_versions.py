"""Which version a flow is of; and that the flows of others get no worse."""

from pathlib import Path

import pytest
from tests.definition.migration.flows import CATALOG, EACH, FLOW, HEAD, LOG, checked, migrated

from tiercel import definition
from tiercel.definition.migration import Evidence, Span
from tiercel.definition.migration.versions import evidence, span_of
from tiercel.definition.read import parse


def test_the_version_is_that_of_the_newest_and_the_oldest_thing() -> None:
    found = migrated(HEAD + EACH + "finally: [{id: f, type: io.kestra.plugin.core.execution.Exit}]\n")
    assert (found.span, found.span.is_empty) == (Span("0.22", "1.x"), False)
    mixed = migrated(HEAD + EACH + "draft: true\n")
    assert (mixed.span, mixed.span.is_empty) == (Span("2.0", "1.x"), True)
    assert found.evidence[0] == Evidence(5, f"the type {FLOW}EachSequential", None, "1.x")


def test_an_old_name_of_a_flowable_tells_of_the_version() -> None:
    text = (
        HEAD
        + f"tasks:\n  - id: s\n    type: io.kestra.core.tasks.flows.Sequential\n    tasks: [{{id: a, type: {LOG}, message: x}}]\n"
    )
    found = migrated(text)
    assert [(one.line, one.until) for one in found.evidence] == [(5, "1.x")]
    assert [(step.line, bool(step.edits)) for step in found.done] == [(5, True)]


def test_functions_tell_of_the_version_too() -> None:
    text = f"tasks: [{{id: a, type: {LOG}, message: '{{{{ subflow(1) }}}} subflow(2) {{{{ json(vars.x) }}}}'}}]\n"
    assert [(each.what, each.since, each.until) for each in migrated(HEAD + text).evidence] == [
        ("`subflow` in an expression", "2.0", None),
        ("`json` in an expression", None, "1.x"),
    ]


def test_a_text_that_is_no_yaml_says_so() -> None:
    found = migrated("id: [")
    assert (found.text, bool(found.problems)) == ("id: [", True)


OF_BOTH = {"logs.yaml", "webhook-secret-key.yaml", "webhook-with-condition.yaml"}
"""Flows of the original's tests for 2.0 that hold what 2.0 has no more."""


@pytest.mark.parametrize("version", ["0.21", "1.0.3", "2.0"])
def test_flows_of_a_version_are_said_to_be_of_it(shared: Path, version: str) -> None:
    for file in sorted((shared / "conformance" / "flows" / "core" / version).rglob("*.yaml")):
        document, _ = parse(file.read_text(encoding="utf-8"))
        if document is not None and file.name not in OF_BOTH:
            span = span_of([*evidence(document, CATALOG.resolve), Evidence(0, file.name, version, version)])
            assert not span.is_empty, file
            assert (span.since, span.until) == (version, version), file


@pytest.mark.slow
def test_flows_of_others_get_no_worse_and_lose_no_comment(shared: Path) -> None:
    files = sorted((shared / "conformance" / "flows").rglob("*.y*ml"))
    assert len(files) > 600
    for file in files:
        for text in definition.split(file.read_text(encoding="utf-8")):
            found = migrated(text)
            assert len(definition.errors(checked(found.text))) <= len(definition.errors(checked(text))), file
            assert migrated(found.text).done == (), file
            assert comments(found.text) == comments(text), file


def comments(text: str) -> int:
    return sum(line.lstrip().startswith("#") for line in text.splitlines())
