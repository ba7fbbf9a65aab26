"""Cases that speak HTTP, against one real server on PostgreSQL: its answers, streams, and what executions become."""

import base64
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
from tests.adapters.postgres.server import Server, open_folder
from tests.api.client import OVER, Api, frames, wait_for
from tests.conformance.installation import BEGIN, GLOBALS, KEY_BYTES, URL, Seen, environment_of
from tests.conformance.judge import Judge
from tests.conformance.stubs import catalog
from tests.conformance.triggers import switch, until_switched
from tests.conformance.values import says
from tests.server import database, settings_for, threaded

from tiercel.definition import read
from tiercel.model.execution import Execution, Kind, Label, Metadata
from tiercel.model.history import History
from tiercel.model.states import State
from tiercel.model.task_run import Attempt, TaskRun
from tiercel.services.catalog import PluginCatalog

Action = dict[str, Any]

FILE = b"hello file\n"


@contextmanager
def server(postgres: Server) -> Iterator[Api]:
    """A client of a server that has what all cases need."""
    with open_folder() as home, database(postgres) as dsn:
        kestra = {
            "url": URL,
            "encryption": {"secret-key": base64.b64encode(KEY_BYTES).decode()},
            "variables": {"globals": GLOBALS},
        }
        settings = settings_for(dsn, home, kestra=kestra)
        with (
            mock.patch.object(PluginCatalog, "installed", staticmethod(catalog)),
            threaded(settings, environment=environment_of({})) as served,
            Api(served.url) as api,
        ):
            yield api


class Conversation:
    """One case under way."""

    def __init__(self, api: Api, root: Path, case: dict[str, Any]) -> None:
        self.api, self.root, self.case = api, root, case
        self.names: dict[str, str] = {}
        self.judge = Judge(self, self.names)  # type: ignore[arg-type]
        self.problems: list[str] = []

    def run(self) -> list[str]:
        flows = [self.case["flow_file"], *(need["flow"] for need in self.case.get("needs") or [] if "flow" in need)]
        for path in flows:
            self._deploy((self.root / path).read_text(encoding="utf-8"))
        for number, action in enumerate(self.case["actions"]):
            VERBS[action["do"]](self, action)
            if self.problems:
                return [f"action {number} ({action['do']}): {problem}" for problem in self.problems]
        return []

    def _deploy(self, source: str) -> None:
        yaml = {"Content-Type": "application/x-yaml"}
        answer = self.api.ask("POST", "/flows", content=source, headers=yaml)
        if answer.status_code == 409:
            names = re.findall(r"^(?:id|namespace): *[\"']?([\w.-]+)", source, re.MULTILINE)
            identifier, namespace = names[0], names[1]
            answer = self.api.ask("PUT", f"/flows/{namespace}/{identifier}", content=source, headers=yaml)
        if not answer.is_success:
            self.problems.append(f"the flow is refused: {answer.text}")

    # What the judge looks at -----------------------------------------------------------------------------------------

    def seen(self, identifier: str) -> Seen:
        shown = self.api.get(f"/executions/{identifier}")
        return seen_of(shown, self._outputs(identifier, shown))

    def _outputs(self, identifier: str, shown: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for run in shown.get("taskRunList") or []:
            answer = self.api.ask("GET", f"/outputs/{identifier}/{run['id']}")
            found[run["id"]] = answer.json() if answer.is_success else None
        return found

    def iterations(self, parent: Seen) -> list[Seen]:
        found = self.api.get(
            "/executions/search", **{"filters[parentId][EQUALS]": parent.id, "filters[kind][EQUALS]": "LOOP"}
        )
        return [seen_of(shown, {}) for shown in found["results"]]

    # Words of a case ---------------------------------------------------------------------------------------------------

    def id_of(self, action: Action) -> str:
        return self.names[action.get("exec") or "e1"]

    def path(self, written: str) -> str:
        """A path with ids filled in."""

        def fill(match: re.Match[str]) -> str:
            return self.names.get(match[1]) or self.names["e1"]

        def run(match: re.Match[str]) -> str:
            runs = self.api.get(f"/executions/{self.names['e1']}")["taskRunList"]
            return next((run["id"] for run in runs if run["taskId"] == match[1]), "nobody")

        return re.sub(r"\{(\w+)\}", fill, re.sub(r"<id of (?:task )?([\w-]+)>", run, written)).removeprefix(
            "/api/v1/main"
        )

    def data(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.data(each) for each in value]
        if isinstance(value, dict):
            return {name: self.data(each) for name, each in value.items()}
        if isinstance(value, str) and (run := re.fullmatch(r"\$taskrun\[(\d+)\]\.id", value)):
            return self.api.get(f"/executions/{self.names['e1']}")["taskRunList"][int(run[1])]["id"]
        return self.judge.named(value) if isinstance(value, str) else value


def seen_of(shown: dict[str, Any], outputs: dict[str, Any]) -> Seen:
    """An execution as the API shows it, as if read from rows."""
    runs = [
        TaskRun(
            id=run["id"],
            ord=place,
            task_id=run["taskId"],
            state=_history(run["state"]),
            value=run.get("value"),
            iteration=run.get("iteration"),
            attempts=tuple(Attempt(_history(attempt["state"])) for attempt in run.get("attempts") or ()),
            outputs=outputs.get(run["id"]),
        )
        for place, run in enumerate(shown.get("taskRunList") or [])
    ]
    execution = Execution(
        id=shown["id"],
        tenant="main",
        namespace=shown["namespace"],
        flow_id=shown["flowId"],
        flow_revision=shown.get("flowRevision", 1),
        state=_history(shown["state"]),
        metadata=msgspec.convert(shown["metadata"], Metadata) if "metadata" in shown else Metadata(0, BEGIN),
        kind=Kind(shown.get("kind", "NORMAL")),
        labels=tuple(Label(label["key"], label["value"]) for label in shown.get("labels") or ()),
        parent_id=shown.get("parentId"),
    )
    return Seen(execution, runs, shown["state"]["current"] not in OVER)


def _history(shown: dict[str, Any]) -> History:
    return msgspec.convert({"current": shown["current"], "histories": shown["histories"]}, History)


# Verbs ----------------------------------------------------------------------------------------------------------------


def _run(case: Conversation, action: Action) -> None:
    """Start an execution of the case's flow, or of one that the action names, and wait as far as it says."""
    given = {**(case.case.get("inputs") or {}), **(action.get("inputs") or {})}
    flow_id = action.get("flow_id") or case.case["flow_id"]
    content = _with_inputs(case, given if given or "flow_id" in action else _VALID)
    answer = case.api.ask("POST", f"/executions/{case.case['namespace']}/{flow_id}", **content)
    if not answer.is_success:
        case.problems.append(f"it cannot be started: {answer.text}")
        return
    identifier = case.names[action.get("as") or "e1"] = answer.json()["id"]
    until = action.get("until")
    case.api.until(identifier, lambda shown: _has_come(shown, until))


def _with_inputs(case: Conversation, given: dict[str, Any]) -> dict[str, Any]:
    """What the flow asks for, of what is given; a file where it asks for one."""
    flow = read((case.root / case.case["flow_file"]).read_text()).flow
    parts: dict[str, tuple[Any, ...]] = {}
    for asked in () if flow is None else flow.inputs:
        if asked.type == "FILE":
            parts[asked.id] = ("data.txt", FILE)
        elif asked.id in given:
            parts[asked.id] = (None, str(given[asked.id]))
    return {"files": parts} if parts else {}


def _has_come(shown: dict[str, Any], until: str | None) -> bool:
    states = [moment["state"] for moment in shown["state"]["histories"]]
    return shown["state"]["current"] in OVER if until is None else until in states


def _await(case: Conversation, action: Action) -> None:
    identifier = case.id_of(action)
    fits: Callable[[Any], bool] = lambda shown: shown["state"]["current"] in OVER  # noqa: E731
    if "state" in action:
        fits = lambda shown: shown["state"]["current"] == action["state"]  # noqa: E731
    elif action.get("not_paused"):
        fits = lambda shown: shown["state"]["current"] != "PAUSED"  # noqa: E731
    case.api.until(identifier, fits)
    case.problems += case.judge.execution(case.seen(identifier), _expected(action))


def _assert(case: Conversation, action: Action) -> None:
    case.problems += case.judge.execution(case.seen(case.id_of(action)), _expected(action))


def _expected(action: Action) -> dict[str, Any]:
    return {name: value for name, value in action.items() if name not in ("do", "exec", "not_paused", "terminated")}


def _await_child(case: Conversation, action: Action) -> None:
    found = case.api.get("/executions/search", **{"filters[parentId][EQUALS]": case.id_of(action)})["results"]
    children = [shown["id"] for shown in found if shown.get("kind") != "LOOP"]
    if not children:
        case.problems.append("there is no execution that came of it")
        return
    case.names[action.get("as_") or action["as"]] = children[-1]
    case.api.over(children[-1])


def _http(case: Conversation, action: Action) -> None:
    answer = case.api.ask(action["method"], case.path(action["path"]), **_content(case, action))
    status, wanted = answer.status_code, str(action["expect_status"])
    if str(status) != wanted and f"{status // 100}xx" != wanted:
        case.problems.append(f"the status is {status}, not {wanted}: {answer.text[:300]}")
        return
    case.problems += [
        f"the answer does not hold {words!r}: {answer.text[:300]}"
        for words in action.get("body_contains", [])
        if words not in answer.text.replace("\\u0027", "'")
    ]
    shown = answer.json() if answer.headers.get("content-type", "").startswith("application/json") else None
    if isinstance(shown, dict) and "flowId" in shown and "state" in shown:
        case.names.setdefault("e1", shown["id"])
        case.problems += _answered(case, shown, dict(action.get("expect") or {}))


def _answered(case: Conversation, shown: dict[str, Any], wanted: dict[str, Any]) -> Iterator[str]:
    url = wanted.pop("url", None)
    if url is not None and shown.get("url") != url.replace("<id>", shown["id"]):
        yield f"the url is {shown.get('url')}"
    outputs = {name: wanted.pop(name) for name in list(wanted) if name.startswith("outputs.")}
    given = shown.get("outputs") or {}
    for name, pattern in outputs.items():
        if not re.search(pattern, str(given.get(name.removeprefix("outputs.")))):
            yield f"{name} is {given.get(name.removeprefix('outputs.'))!r}"
    if wanted:
        yield from case.judge.execution(case.seen(shown["id"]), wanted)


def _content(case: Conversation, action: Action) -> dict[str, Any]:
    if "json" in action:
        return {"json": case.data(action["json"])}
    parts = action.get("multipart")
    if isinstance(parts, dict):
        return {"files": {name: _part(value) for name, value in parts.items()}}
    if parts == "files part named f":
        return {"files": {"f": ("data.txt", FILE)}}
    if isinstance(parts, str):
        return _with_inputs(case, {**_VALID, **dict(re.findall(r"(\w+)=(\S+)", parts))})
    if action["method"] == "POST" and re.search(r"/executions/[\w.]+/[\w-]+(\?|$)", action["path"]):
        return _with_inputs(case, _VALID)
    return {}


def _part(value: str) -> tuple[Any, ...]:
    return ("data.txt", FILE) if value.startswith("$file") else (None, value)


_VALID = {
    "string": "myString", "int": "42", "float": "42.42", "bool": "false", "instant": "2019-10-06T18:27:49Z",
    "date": "2019-10-06", "time": "18:27:49", "duration": "PT5M6S", "uri": "https://www.google.com",
    "nested.string": "a string", "nested.more.int": "123", "nested.bool": "true", "validatedString": "A123",
    "validatedInt": "12", "validatedDate": "2023-01-02", "validatedDateTime": "2023-01-01T00:00:10Z",
    "validatedDuration": "PT15S", "validatedFloat": "0.42", "validatedTime": "11:27:49", "secret": "secret",
    "array": "[1, 2, 3]", "json1": '{"a": "b"}', "yaml1": "some: property\nalist:\n- of\n- values",
}  # fmt: skip
"""What the cases mean by the inputs of their flow `inputs`, where they name none."""


def _sse(case: Conversation, action: Action) -> None:
    path = action["path"] if action["path"].startswith("/") else "/api/v1/main/executions/{id}/follow"
    with case.api.http.stream("GET", "/api/v1/main" + case.path(path)) as answer:
        found = list(frames(answer))
    kinds, wanted = [frame.kind for frame in found], action["expect"]
    states = [
        frame.data.get("state", {}).get("current")
        if isinstance(frame.data.get("state"), dict)
        else frame.data.get("state")
        for frame in found
        if isinstance(frame.data, dict)
    ]
    said: dict[str, Any] = {
        "first_event_id": kinds[0] if kinds else None,
        "last_event_id": kinds[-1] if kinds else None,
        "last_state": states[-1] if states else None,
        "end_events": kinds.count("end"),
        "success_events": sum(
            state == State.SUCCESS for kind, state in zip(kinds, states, strict=False) if kind == "end"
        ),
    }
    for name, value in wanted.items():
        if name == "events_min":
            if len(found) < value:
                case.problems.append(f"there are {len(found)} events")
        elif said[name] != value:
            case.problems.append(f"{name} is {said[name]}, not {value}: {kinds}")


def _eval(case: Conversation, action: Action) -> None:
    run = case.api.get(f"/executions/{case.id_of(action)}")["taskRunList"][action["taskrun_index"]]["id"]
    answer = case.api.ask(
        "POST",
        f"/executions/{case.id_of(action)}/actions/eval/{run}",
        content=action["expression"],
        headers={"Content-Type": "text/plain"},
    )
    if not answer.is_success:
        case.problems.append(f"the status is {answer.status_code}: {answer.text[:200]}")
        return
    result = answer.json().get("result")
    shown = msgspec.json.decode(result) if isinstance(result, str) else result
    if not case.judge.fits(shown, action["result"]):
        case.problems.append(f"gives {result!r}")


def _await_logs(case: Conversation, action: Action) -> None:
    wait_for(lambda: _lines(case, action), lambda lines: len(lines) >= action["count"])


def _assert_logs(case: Conversation, action: Action) -> None:
    if (count := len(_lines(case, action))) != action["count"]:
        case.problems.append(f"there are {count} lines, not {action['count']}")


def _lines(case: Conversation, action: Action) -> list[Any]:
    """They are searched for: of an execution that is gone they cannot be listed."""
    level = action.get("level") or action.get("min_level") or "TRACE"
    filters = {"filters[executionId][EQUALS]": case.id_of(action), "filters[level][GREATER_THAN_OR_EQUAL_TO]": level}
    return case.api.get("/logs/search", size=100, **filters)["results"]


def _delete(case: Conversation, action: Action) -> None:
    """What is to go with it is named as in the query, in snake case."""
    named = {"delete_logs": "deleteLogs", "delete_metrics": "deleteMetrics", "delete_storage": "deleteStorage"}
    query = {parameter: str(action[name]).lower() for name, parameter in named.items() if name in action}
    answer = case.api.ask("DELETE", f"/executions/{case.id_of(action)}", params=query)
    if not answer.is_success:
        case.problems.append(f"it cannot be deleted: {answer.text[:300]}")


def _assert_not_found(case: Conversation, action: Action) -> None:
    answer = case.api.ask("GET", f"/executions/{case.id_of(action)}")
    if answer.status_code != 404:
        case.problems.append(f"the status is {answer.status_code}, not 404")


def _update(case: Conversation, action: Action) -> None:
    """A flow saved under the name of another namespace: the case's own expectation says how it is refused."""
    before, after = re.findall(r"namespace (\S+) -> (\S+)", action["change"])[0]
    source = (case.root / case.case["flow_file"]).read_text().replace(f"namespace: {before}", f"namespace: {after}")
    path = f"/flows/{before}/{case.case['flow_id']}"
    answer = case.api.ask("PUT", path, content=source, headers={"Content-Type": "application/x-yaml"})
    wanted = case.case["expect"]
    if answer.is_success is not wanted["valid"]:
        case.problems.append(f"the status is {answer.status_code}")
    case.problems += [
        f"does not say {words!r}: {answer.text}" for words in wanted["error"] if not says(words, [answer.text])
    ]


def _start_scheduler(case: Conversation, action: Action) -> None:
    """The server has one that runs."""


def _disable_trigger(case: Conversation, action: Action) -> None:
    switch(case.api, case.case, action["trigger"], disabled=True)


def _assert_trigger(case: Conversation, action: Action) -> None:
    until_switched(case.api, case.case, action["trigger"], disabled=action["disabled"])


VERBS: dict[str, Callable[[Conversation, Action], None]] = {
    "run": _run,
    "await": _await,
    "assert": _assert,
    "await_child": _await_child,
    "http": _http,
    "sse": _sse,
    "eval": _eval,
    "update_flow": _update,
    "await_logs": _await_logs,
    "assert_logs": _assert_logs,
    "delete": _delete,
    "assert_not_found": _assert_not_found,
    "start_scheduler": _start_scheduler,
    "disable_trigger": _disable_trigger,
    "assert_trigger": _assert_trigger,
}
