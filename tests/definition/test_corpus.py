"""The flows that others wrote: each is judged as it must be, and what is recorded of the original is said the same way."""

from pathlib import Path

from tests.conformance.validate import (
    REFUSED_ALTHOUGH_DOCUMENTED,
    cases,
    flows,
    judge,
    judge_case,
    judge_recording,
    judged,
    recordings,
)


def test_every_flow_is_accepted_or_refused_as_it_must_be(shared: Path) -> None:
    found = flows(shared / "conformance" / "flows")
    assert len(found) > 600
    assert {path.name: reason for path in found if (reason := judge(path))} == {}


def test_every_flow_that_is_refused_on_purpose_is_there(shared: Path) -> None:
    names = {path.name for path in flows(shared / "conformance" / "flows")}
    assert names >= REFUSED_ALTHOUGH_DOCUMENTED.keys()


def test_every_case_about_validation_and_inputs_holds(shared: Path) -> None:
    root = shared / "conformance"
    found = list(cases(root))
    assert len(found) > 50
    assert {case["id"]: reason for case in found if (reason := judge_case(case, root))} == {}


def test_constraints_read_as_recorded(shared: Path) -> None:
    found = list(recordings(shared / "conformance"))
    assert len(found) > 200
    assert {one.name: reason for one in found if (reason := judge_recording(one))} == {}


def test_documented_flows_and_examples_break_nothing_and_tell_each_absent_type_once(shared: Path) -> None:
    for file in (shared / "conformance/docs-index.jsonl", shared / "catalogue/examples.jsonl"):
        found = list(judged(file))
        assert len(found) > 300
        assert {name: reason for name, reason in found if reason} == {}


def test_recorded_answers_about_documented_flows_agree_but_for_what_is_accepted_on_purpose(shared: Path) -> None:
    found = list(judged(shared / "conformance/golden/docs-flows.jsonl"))
    assert len(found) > 60
    assert {name: reason for name, reason in found if reason} == {}
