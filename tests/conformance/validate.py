"""Validates flows, cases and recorded answers: `python -m tests.conformance.validate PATH…`, a file or folder each.

What a file is shows in it: a flow (in `invalids` it must be refused, elsewhere accepted), a `cases.jsonl` (its cases of the
kinds validation, inputs and topology), a recorded answer of validating (one a file, or one a line), an index of documented
flows, examples of plugins. A folder is all of that below it. That a type is not installed here is no fault of a flow.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from tests.conformance import topology
from tests.conformance.documented import judge_types
from tests.conformance.known import every_type, of_the_flow

from tiercel.definition import Problem, check, deprecation_paths, errors, infos, legacy_text, read, resolve
from tiercel.definition.json import flow_json
from tiercel.definition.neighbours import Neighbour, Neighbours
from tiercel.definition.typed import plain
from tiercel.model.flow import Flow

VALID_ALTHOUGH_INVALID = {
    "loop-switch-failed.yaml": "fails when it runs, is read all the same",
    "inputs-with-multiple-constraint-violations.yaml": "is about values given to it",
    "worker-group.yaml": "accepted: a worker group becomes a tag",
}
REFUSED_ALTHOUGH_DOCUMENTED = {
    "ex-Schedule-4.yaml": "the trigger has no type; the original refuses it too",
    "bp-ai-gdpr-breach-notification.yaml": "a SELECT's default is none of its values",
    "bp-opa-policy-gate-ci.yaml": "an If in a WorkingDirectory",
    "bp-ai-model-router.yaml": "messages of a chat name their `type`, not a `role`",
    **dict.fromkeys(
        (
            "bp-ansible-netbox-dynamic-inventory.yaml",
            "bp-ansible-rolling-patch-wave.yaml",
            "bp-aws-emr-serverless-spark.yaml",
            "bp-cloudflare-multizone-dns-from-git.yaml",
            "bp-dbt-cloud-chained-jobs.yaml",
            "bp-google-sheets-to-mailchimp-sync.yaml",
            "bp-proxmox-backup-restore-drill.yaml",
            "bp-slack-history-to-bigquery.yaml",
        ),
        "a Schedule gives no value to a required input",
    ),
}
CHOSEN_OTHERWISE = {
    "L021/FlowTest.workerGroup": "accepted: a worker group becomes a tag",
    "L021/FlowTest.inputValidation": "refused in the words of 2.0",
    "K20/FlowTest.illegalNamespaceUpdate": "is about an update: the registry's",
    "K20/InputsTest.fileInputWithNsfile": "is about a run",
}
ANSWERED_OTHERWISE = {
    "duplicate-key.yaml": "the recorded route lets a duplicate key pass",
}


ACCEPTED_ON_PURPOSE = (
    "mapping values are not allowed",  # the whole flow is indented
    'Unrecognized field "conditions"',
    'Unrecognized field "maxAttempt"',
    'Unrecognized field "expiredOnly"',
    'Unrecognized field "maxEvents"',
    'Unrecognized field "connectTimeout"',
    "Invalid type: BOOLEAN",
    "Invalid type: REUSABLE_INPUTS",
    "Invalid type: io.kestra.plugin.core.flow.ForEach",
    "Missing inputs for Schedule Trigger",
)
"""What the recorded server refuses in documented flows: spellings of 1.x, and what only the final 2.0 has."""
REMARKED_OTHERWISE = {
    ("alias-trigger.yaml", "infos"): "the class behind the alias exists in the original's tests alone",
    ("http-listen-encrypted.yaml", "infos"): "told once the type is there",
}
Answer = dict[str, Any]
Judged = tuple[str, str | None]


def problems_of(path: Path, *, neighbours: Neighbours | None = None) -> tuple[Problem, ...]:
    return of_the_flow(check(read(path.read_text(), filename=path.name), every_type(), neighbours))


def flows(folder: Path) -> list[Path]:
    return sorted([*folder.rglob("*.yaml"), *folder.rglob("*.yml")])


def judge(path: Path) -> str | None:
    """What is wrong with how a flow is judged, or None."""
    refused = errors(problems_of(path))
    expected = path.parent.name == "invalids" and path.name not in VALID_ALTHOUGH_INVALID
    expected = expected or path.name in REFUSED_ALTHOUGH_DOCUMENTED or path.name.endswith("_failValidation.yaml")
    if bool(refused) == expected or path.parent.name == "inline":
        return None
    return f"line {refused[0].line}: {refused[0].message}" if refused else "is accepted"


def cases(root: Path) -> Iterator[dict[str, Any]]:
    for line in (root / "cases.jsonl").read_text().splitlines():
        case = json.loads(line)
        if case["kind"] in ("validation", "inputs") and case["id"] not in CHOSEN_OTHERWISE:
            yield case


def judge_case(case: dict[str, Any], root: Path) -> str | None:
    if case["kind"] == "topology":
        return "; ".join(topology.judge_case(root, case)) or None
    return _judge_validation(case, root) if case["kind"] == "validation" else _judge_inputs(case, root)


def _judge_validation(case: dict[str, Any], root: Path) -> str | None:
    path, expected = root / case["flow_file"], case["expect"]
    problems = problems_of(path)
    text = legacy_text(problems)
    if "valid" in expected and expected["valid"] != (text is None):
        return f"valid is {text is None}: {text}"
    for wanted in expected.get("error", []):
        if not _says(wanted, text or ""):
            return f"{wanted!r} is not said, but {text!r}"
    return _judge_shown(path, expected)


def _judge_shown(path: Path, expected: dict[str, Any]) -> str | None:
    wanted = expected.get("flow_json") or expected.get("flow_yaml_equiv")
    flow = read(path.read_text()).flow
    if wanted is None or flow is None:
        return None
    shown, as_text = flow_json(flow), [{**label, "value": str(label["value"])} for label in wanted["labels"]]
    return None if shown == {**wanted, "labels": as_text} else f"is shown as {shown}"


def _says(wanted: str, text: str) -> bool:
    """`contains: x`, `exact: x`, `first contains: x`, or a choice of them; other words ask for any refusal."""
    for choice in wanted.split(" | "):
        how, _, words = choice.partition(": ")
        if "contain" in how and words in text:
            return True
        if ("exact" in how or "each is" in how) and any(line.endswith(words) for line in text.split("\n")):
            return True
    return wanted.startswith("any")


def _judge_inputs(case: dict[str, Any], root: Path) -> str | None:
    flow = read((root / case["flow_file"]).read_text()).flow
    if flow is None:
        return "cannot be read"
    has_key = "NoEncryption" not in case["id"]
    resolution = resolve(
        flow.inputs,
        _given(case.get("inputs") or {}),
        render=lambda value, _: value,
        encrypt=_encrypt if has_key else None,
    )
    expected, said = case["expect"], list(resolution.errors)
    if "error_lines_any_order" in expected:
        return None if sorted(said) == sorted(expected["error_lines_any_order"]) else f"says {said}"
    if "error" in expected:
        wanted = expected["error"]
        return None if said and (wanted.startswith("any") or _says(wanted, "\n".join(said))) else f"says {said}"
    return _judge_values(expected.get("inputs_resolved", {}), resolution.values) or (f"says {said}" if said else None)


def _given(inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        name: f"kestra:///inputs/{value.removeprefix('$file:')}" if str(value).startswith("$file") else value
        for name, value in inputs.items()
    }


def _encrypt(text: str) -> dict[str, Any]:
    return {"type": "io.kestra.datatype:aes_encrypted", "value": text[::-1]}


def _judge_values(expected: dict[str, Any], values: dict[str, Any]) -> str | None:
    for name, wanted in expected.items():
        found: Any = values
        for step in name.split("."):
            found = found.get(step) if isinstance(found, dict) else None
        if name not in ("file", "secret") and plain(found) != wanted:
            return f"{name} is {found!r}, not {wanted!r}"
    return None


class Recorded(NamedTuple):
    """What a server answered to validating one flow."""

    name: str
    source: Path
    answer: Answer

    @property
    def is_of_documentation(self) -> bool:
        return "docs" in self.source.parts


def recorded(root: Path, name: str, told: Answer) -> Recorded | None:
    """A recorded answer with the flow it is about; None where there is none to compare with."""
    answers = (told.get("validate") or {}).get("body")
    source = root / told.get("flow_source_file", "")
    if not isinstance(answers, list) or not answers or not source.is_file():
        return None
    return None if source.name in ANSWERED_OTHERWISE else Recorded(name, source, answers[0])


def recordings(root: Path) -> Iterator[Recorded]:
    """Every recorded answer about a flow of the cases."""
    for path in sorted((root / "golden/2.0").glob("*.json")):
        found = recorded(root, path.name, json.loads(path.read_text()))
        if found is not None:
            yield found


def judge_recording(one: Recorded) -> str | None:
    """Refused or not, and in which words; what is told besides agrees too. We accept more on purpose, by name."""
    problems = problems_of(one.source, neighbours=Known(one.source))
    if one.is_of_documentation:
        return _judge_documented(one, problems)
    said, wanted = legacy_text(problems), one.answer.get("constraints")
    if _lines(said) != _lines(wanted):
        return f"says {said!r}, recorded is {wanted!r}"
    return _judge_remarks(one, problems)


def _judge_documented(one: Recorded, problems: Sequence[Problem]) -> str | None:
    wanted, said = one.answer.get("constraints"), legacy_text(problems)
    if said is None and wanted is not None:
        return None if any(sign in wanted for sign in ACCEPTED_ON_PURPOSE) else f"accepted, recorded is {wanted!r}"
    return None if (said is None) == (wanted is None) else f"says {said!r}, recorded is accepted"


def _judge_remarks(one: Recorded, problems: Sequence[Problem]) -> str | None:
    ours = {
        "infos": infos(problems),
        "deprecationPaths": deprecation_paths(problems),
        "warnings": [problem.legacy for problem in problems if problem.code == "subflow" and problem.legacy],
    }
    for name, told in ours.items():
        wanted = one.answer.get(name, [])
        if sorted(told) != sorted(wanted) and (one.source.name, name) not in REMARKED_OTHERWISE:
            return f"{name} are {told}, recorded are {wanted}"
    return None


def _lines(text: str | None) -> list[str]:
    return sorted(
        line.strip(" :") for line in (text or "").removeprefix("Validation error:").split("\n") if line.strip()
    )


class Known:
    """The flows beside one, which the server that was recorded had too."""

    def __init__(self, source: Path) -> None:
        self._flows = _flows_below(source.parents[1])

    def find(self, namespace: str, flow_id: str) -> Neighbour:
        flow = self._flows.get((namespace, flow_id))
        if flow is None:
            return Neighbour("absent")
        return Neighbour("disabled" if flow.disabled else "ready", flow.inputs)


@cache
def _flows_below(folder: Path) -> dict[tuple[str, str], Flow]:
    found = (read(path.read_text()).flow for path in flows(folder))
    return {(flow.namespace, flow.id): flow for flow in found if flow is not None}


def judged(path: Path) -> Iterator[Judged]:
    """Everything in a file or folder, each with what is wrong or None."""
    if path.is_dir():
        for each in sorted(path.rglob("*")):
            if each.is_file() and not any(part.startswith(".") for part in each.parts):
                yield from judged(each)
    elif path.suffix in (".yaml", ".yml"):
        yield path.name, judge(path)
    elif path.suffix == ".jsonl":
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            yield from _judged_line(path, number, json.loads(line))
    elif path.suffix == ".json":
        told = json.loads(path.read_text())
        found = recorded(_root(path), path.name, told) if isinstance(told, dict) else None
        if found is not None:
            yield found.name, judge_recording(found)


def _judged_line(path: Path, number: int, entry: dict[str, Any]) -> Iterator[Judged]:
    """One line of a file of cases, of recorded answers, of an index or of examples; other lines are not ours."""
    root = _root(path)
    if "expect" in entry and entry.get("kind") in ("validation", "inputs", "topology"):
        if entry["id"] not in CHOSEN_OTHERWISE:
            yield entry["id"], judge_case(entry, root)
    elif "validate" in entry and (found := recorded(root, Path(entry["flow_source_file"]).name, entry)) is not None:
        yield f"recorded {found.name}", judge_recording(found)
    elif "plugin_types" in entry:
        yield f"types of {entry['file']}", judge_types((root / entry["file"]).read_text())
    elif "yaml" in entry and "type" in entry:
        yield f"{path.name}:{number} {entry['type']}", judge_types(entry["yaml"])


def _root(path: Path) -> Path:
    """The folder that paths in a file are meant from: the nearest above that has flows."""
    return next((folder for folder in path.resolve().parents if (folder / "flows").is_dir()), path.parent)


def main(arguments: list[str]) -> int:
    found = [one for argument in arguments for one in judged(Path(argument))]
    failures = [(name, reason) for name, reason in found if reason is not None]
    for name, reason in failures:
        sys.stdout.write(f"{name}: {reason}\n")
    for name, reason in (CHOSEN_OTHERWISE | REFUSED_ALTHOUGH_DOCUMENTED | ANSWERED_OTHERWISE).items():
        sys.stdout.write(f"chosen otherwise, not counted or turned round: {name}: {reason}\n")
    sys.stdout.write(f"{len(found) - len(failures)} passed, {len(failures)} failed\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
