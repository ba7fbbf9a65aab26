"""Flows that are called: told as warnings, where the other flows are known."""

from tests.definition.catalog import SmallCatalog

from tiercel.definition import Problem, Severity, check, read, warnings
from tiercel.definition.inputs import read_inputs
from tiercel.definition.neighbours import Neighbour


class Others:
    flows = {
        "load": Neighbour(
            "ready", read_inputs([{"id": "table", "type": "STRING"}, {"id": "n", "type": "INT", "defaults": 1}])
        ),
        "asleep": Neighbour("disabled"),
        "torn": Neighbour("unreadable"),
    }

    def find(self, namespace: str, flow_id: str) -> Neighbour:
        return self.flows.get(flow_id, Neighbour("absent"))


def problems(call: str) -> tuple[Problem, ...]:
    task = f"tasks:\n  - id: call\n    type: core.flow.Subflow\n    namespace: my.team\n{call}"
    return check(read(f"id: one\nnamespace: my.team\n{task}"), SmallCatalog(), Others())


def test_a_flow_that_is_there_and_gets_its_inputs_is_right() -> None:
    assert problems("    flowId: load\n    inputs: {table: a}\n") == ()


def test_a_flow_that_is_not_there_is_a_warning_in_the_words_of_the_original() -> None:
    found = problems("    flowId: lod\n")
    assert [(one.severity, one.line, one.code) for one in found] == [(Severity.WARNING, 7, "subflow")]
    assert warnings(found) == ["The subflow 'lod' not found in namespace 'my.team'."]


def test_a_disabled_flow_and_one_that_cannot_be_read_are_warnings() -> None:
    assert "is disabled" in problems("    flowId: asleep\n")[0].message
    assert "cannot be read" in problems("    flowId: torn\n")[0].message


def test_a_missing_input_is_told_at_the_call_and_an_unknown_one_at_its_name() -> None:
    (missing,) = problems("    flowId: load\n")
    assert (missing.path, missing.line) == ("tasks[0]", 4)
    assert "`table`" in missing.message
    lacking, unknown = problems("    flowId: load\n    inputs:\n      tabel: a\n")
    assert (lacking.line, unknown.line, unknown.fix) == (8, 9, "table")


def test_names_that_are_expressions_and_fixed_revisions_are_left_alone() -> None:
    assert problems('    flowId: "{{ inputs.flow }}"\n')[1:] == ()
    assert problems("    flowId: load\n    revision: 3\n") == ()


def test_the_flow_itself_is_told_as_a_recursion_only() -> None:
    assert [one.code for one in problems("    flowId: one\n")] == ["recursion"]


def test_nothing_is_said_where_nobody_knows_the_other_flows() -> None:
    text = "id: one\nnamespace: my.team\ntasks: [{id: a, type: core.flow.Subflow, namespace: x, flowId: nobody}]\n"
    assert check(read(text), SmallCatalog()) == ()
