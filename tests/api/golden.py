"""What the original answered, and how an answer of ours differs from it: status, kind, members, and what is not of the day."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx2
from tests.api.client import Api

_IDS = frozenset({"id", "executionId", "taskRunId", "parentTaskRunId", "originalId", "parentId", "value"})
_ID = re.compile(r"(?=.*[0-9])(?=.*[A-Z])[0-9A-Za-z]{18,22}")
_NAMES = """
date startDate endDate duration timestamp updated updatedAt originalCreatedDate revision flowRevision thread workerId
uuid operationId version url total nextEvaluationDate previousNextExecutionDate evaluatedAt source headers
"""
_OF_THE_DAY = frozenset(_NAMES.split())
"""Members whose values are those of one run: only their kind is compared."""
LOOSE = "~"
"""Marks a pair of executions that are only alike: their ids and values are those of different ones."""
_KEYS = ("index", "id", "flowId", "taskId", "key")


class Recording:
    """One request to the original, and its answer."""

    def __init__(self, folder: Path, name: str) -> None:
        found = json.loads((folder / f"{name}.json").read_text())
        self.name = name
        self.request: dict[str, Any] = found["request"]
        self.response: dict[str, Any] = found["response"]


class Story:
    """Recordings told again: ids of the recording stand for ours as soon as an answer shows both."""

    def __init__(self, folder: Path, api: Api) -> None:
        self._folder = folder
        self._api = api
        self.ids: dict[str, str] = {}

    def tell(self, name: str) -> list[str]:
        """Send a recorded request to our server, and list how its answer differs."""
        recording = Recording(self._folder, name)
        answer = self._ask(recording.request)
        return [*self._outside(recording, answer), *self._inside(recording, answer)]

    def _ask(self, request: dict[str, Any]) -> httpx2.Response:
        content: dict[str, Any] = {"params": self._ours(request.get("query") or {}), "headers": request.get("headers")}
        if "multipart" in request:
            content["files"] = [
                (part["name"], (part["filename"], part["content"]) if part["filename"] else (None, part["content"]))
                for part in request["multipart"]
            ]
        elif isinstance(request.get("body"), str):
            content["content"] = without_what_is_not_there(request["body"])
        elif "body" in request:
            content["json"] = self._ours(request["body"])
        return self._api.http.request(request["method"], self._ours(request["path"]), **content)

    def _ours(self, value: Any) -> Any:
        text = json.dumps(value)
        for theirs, ours in self.ids.items():
            text = text.replace(theirs, ours)
        return json.loads(text)

    def _outside(self, recording: Recording, answer: httpx2.Response) -> Iterator[str]:
        if answer.status_code != recording.response["status"]:
            yield f"status: {recording.response['status']} is {answer.status_code} ({answer.text[:300]})"
        if answer.is_success:
            theirs = recording.response["headers"].get("content-type", "").replace("text/json", "application/json")
            ours = answer.headers.get("content-type", "").partition(";")[0]
            if theirs != ours:
                yield f"content-type: {theirs} is {ours}"

    def _inside(self, recording: Recording, answer: httpx2.Response) -> Iterator[str]:
        theirs = recording.response.get("body")
        if theirs in (None, "") or answer.is_error != (recording.response["status"] >= 400):
            return
        if answer.is_error:
            yield from self._refused(theirs, answer)
        elif isinstance(theirs, str):
            yield from self.compare(_lines(theirs), _lines(answer.text), "")
        else:
            yield from self.compare(_here(theirs), answer.json(), "")

    def _refused(self, theirs: Any, answer: httpx2.Response) -> Iterator[str]:
        """Nulls in refusals are artefacts of the recording's build."""
        ours = answer.json() if answer.content else {}
        # What is refused of a list has no link.
        links: Any = theirs.get("_links") or ours.get("_links")
        expected = {"message": theirs["message"].strip(), "href": links["self"]["href"]}
        found = {
            "message": str(ours.get("message")).strip(),
            "href": ours.get("_links", {}).get("self", {}).get("href"),
        }
        for part, document in ((expected, theirs), (found, ours)):
            errors = document.get("_embedded", {}).get("errors", [])
            part["errors"] = sorted([each["message"], each.get("path")] for each in errors)
        if not expected["errors"]:
            # Ours says in detail what the original said in one line.
            found["errors"] = []
        yield from self.compare(expected, found, "")

    def compare(self, theirs: Any, ours: Any, path: str) -> Iterator[str]:
        """Every difference that matters, by its place."""
        name = path.rpartition(".")[2]
        if name in _OF_THE_DAY:
            if type(theirs) is not type(ours):
                yield f"{path}: {theirs!r} is {ours!r}"
        elif isinstance(theirs, dict) and isinstance(ours, dict):
            yield from self._members(cast(dict[str, Any], theirs), cast(dict[str, Any], ours), path)
        elif isinstance(theirs, list) and isinstance(ours, list):
            yield from self._elements(cast(list[Any], theirs), cast(list[Any], ours), path)
        elif name in _IDS and isinstance(theirs, str) and isinstance(ours, str) and _ID.fullmatch(theirs):
            if LOOSE not in path and self.ids.setdefault(theirs, ours) != ours:
                yield f"{path}: {theirs} stands for {self.ids[theirs]} and for {ours}"
        elif LOOSE not in path and self._ours(theirs) != ours and not (_is_uri(theirs) and _is_uri(ours)):
            yield f"{path}: {theirs!r} is {ours!r}"

    def _members(self, theirs: dict[str, Any], ours: dict[str, Any], path: str) -> Iterator[str]:
        yield from (f"{path}.{key} is missing".lstrip(".") for key in theirs.keys() - ours.keys())
        yield from (f"{path}.{key} is more".lstrip(".") for key in ours.keys() - theirs.keys())
        for key in theirs:
            if key in ours:
                yield from self.compare(theirs[key], ours[key], f"{path}.{key}".lstrip("."))

    def _elements(self, theirs: list[Any], ours: list[Any], path: str) -> Iterator[str]:
        """Lists of things with names are compared name by name: the recorded server held more than ours does."""
        key = next((key for key in _KEYS if theirs and isinstance(theirs[0], dict) and key in theirs[0]), None)
        if path == "results" or not path:
            pairs = list(self._pairs(theirs, ours, key))
            if theirs and not pairs:
                yield f"{path}: nothing of {[_name(each, key) for each in theirs]} is there"
        else:
            if key == "key":
                theirs, ours = (sorted(some, key=lambda each: _name(each, key)) for some in (theirs, ours))
            pairs = list(zip(theirs, ours, strict=False))
            if len(theirs) != len(ours):
                yield f"{path}: {len(theirs)} elements are {len(ours)}"
        for place, (their, our) in enumerate(pairs):
            mark = LOOSE if path == "results" and not self._is_same(their, our) else ""
            yield from self.compare(their, our, f"{path}[{mark}{place}]")

    def _pairs(self, theirs: list[Any], ours: list[Any], key: str | None) -> Iterator[tuple[Any, Any]]:
        """Things of one name; executions by what their ids stand for."""
        by_name = {_name(each, key): each for each in reversed(ours)}
        for each in theirs:
            own = by_name.get(self.ids.get(_name(each, key), _name(each, key)))
            alike = (one for one in ours if _flow_and_state(one) == _flow_and_state(each) != (None, None))
            own = own if own is not None else next(alike, None)
            if own is not None:
                yield each, own

    def _is_same(self, theirs: Any, ours: Any) -> bool:
        """Whether ours is the execution that a recorded one stands for; of others only the members are compared."""
        return _flow_and_state(theirs) == (None, None) or self.ids.get(theirs["id"]) == ours["id"]


def _flow_and_state(value: Any) -> tuple[Any, Any]:
    if not isinstance(value, dict):
        return None, None
    fields = cast(dict[str, Any], value)
    state = fields.get("state")
    is_execution = isinstance(state, dict) and "current" in state
    return (fields.get("flowId"), cast(dict[str, Any], state)["current"]) if is_execution else (None, None)


def _name(value: Any, key: str | None) -> str:
    if isinstance(value, dict):
        fields = cast(dict[str, Any], value)
        name = fields.get(key) if key else None
        return str(sorted(fields) if name is None else name)
    return str(value)


def _is_uri(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("kestra:///")


def _lines(text: str) -> list[str]:
    """Log lines without their dates."""
    return [re.sub(r"^\d{4}-\S+ ", "", line) for line in text.splitlines()]


# Types that are not there yet: their tasks are taken out of the recorded flows and of what was recorded of them ---------

MISSING = "io.kestra.plugin.core.metric.Publish"


def without_what_is_not_there(source: str) -> str:
    return re.sub(rf"  - id: metric\n    type: {re.escape(MISSING)}\n(    .*\n)+", "", source)


def _here(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _here(inner) for key, inner in cast(dict[str, Any], value).items()}
    if isinstance(value, list):
        return [_here(inner) for inner in cast(list[Any], value) if not _is_missing(inner)]
    return value


def _is_missing(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    fields = cast(dict[str, Any], value)
    return fields.get("type") == MISSING or fields.get("taskId") == "metric"
