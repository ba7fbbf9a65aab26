"""Validates folders of flows, the cases about validation, and recorded answers: `python -m tests.conformance.validate DIR…`.

A folder `valids` must be accepted and a folder `invalids` refused; other folders are taken as valid. The folder that holds
`cases.jsonl` also gives its cases of the kinds validation and inputs, and the recorded `constraints`. Types are taken as
known, whatever is installed: whether a type exists is not the question here.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tiercel.definition import Problem, PropertyProblem, check, errors, legacy_text, read, resolve
from tiercel.definition.json import flow_json
from tiercel.definition.typed import plain

VALID_ALTHOUGH_INVALID = {
    "loop-switch-failed.yaml": "fails when it runs, is read all the same",
    "inputs-with-multiple-constraint-violations.yaml": "is about values given to it",
    "worker-group.yaml": "accepted: a worker group becomes a tag",
}
REFUSED_ALTHOUGH_DOCUMENTED = {
    "ex-Schedule-4.yaml": "the trigger has no type; the original refuses it too",
    "bp-ai-gdpr-breach-notification.yaml": "a SELECT's default is none of its values",
    "bp-opa-policy-gate-ci.yaml": "an If in a WorkingDirectory",
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


class EveryType:
    """A catalog that knows every type, and of each only the properties that the cases ask for."""

    required = {"io.kestra.plugin.core.log.Log": "message"}

    def resolve(self, name: str) -> str | None:
        return name if name.startswith("io.") else f"io.kestra.plugin.{name}"

    def kind(self, name: str) -> str | None:
        return "task"

    def problems(self, name: str, properties: Mapping[str, Any]) -> Sequence[PropertyProblem]:
        wanted = self.required.get(name)
        if wanted is None or wanted in properties:
            return []
        return [PropertyProblem((wanted,), "missing", f"`{wanted}` is missing")]

    def suggestions(self, name: str) -> Sequence[str]:
        return []

    def missing_extra(self, name: str) -> str | None:
        return None


class Failure(NamedTuple):
    name: str
    reason: str


def problems_of(path: Path) -> tuple[Problem, ...]:
    return check(read(path.read_text(), filename=path.name), EveryType())


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


def recordings(root: Path) -> Iterator[tuple[str, Path, str | None]]:
    """Recorded validations: name, flow, `constraints`."""
    for path in sorted((root / "golden/2.0").glob("*.json")):
        recorded = json.loads(path.read_text())
        answer = (recorded.get("validate") or {}).get("body")
        source = root / recorded.get("flow_source_file", "")
        if isinstance(answer, list) and answer and source.is_file() and source.name not in ANSWERED_OTHERWISE:
            yield path.name, source, answer[0].get("constraints")


def judge_recording(source: Path, constraints: str | None) -> str | None:
    """Lines in any order, as recorded."""
    said = legacy_text(problems_of(source))
    return None if _lines(said) == _lines(constraints) else f"says {said!r}, recorded is {constraints!r}"


def _lines(text: str | None) -> list[str]:
    return sorted(
        line.strip(" :") for line in (text or "").removeprefix("Validation error:").split("\n") if line.strip()
    )


def run(folder: Path) -> tuple[int, list[Failure]]:
    judged: list[tuple[str, str | None]] = [(path.name, judge(path)) for path in flows(folder)]
    if (folder / "cases.jsonl").is_file():
        judged += [(case["id"], judge_case(case, folder)) for case in cases(folder)]
        judged += [(name, judge_recording(source, said)) for name, source, said in recordings(folder)]
    failures = [Failure(name, reason) for name, reason in judged if reason is not None]
    return len(judged) - len(failures), failures


def main(arguments: list[str]) -> int:
    results = [run(Path(argument)) for argument in arguments]
    failures = [failure for _, failed in results for failure in failed]
    for failure in failures:
        sys.stdout.write(f"{failure.name}: {failure.reason}\n")
    sys.stdout.write(f"{sum(passed for passed, _ in results)} passed, {len(failures)} failed\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
