"""What the server of a case is told to ignore: it has to know before it starts, so the case is read for it first."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.conformance.play import Action, Play

from tiercel.model.ids import execution_id
from tiercel.services.ignoring import Ignoring

IDENTIFIER = execution_id(1, shard=1, random=1)
"""The execution that a case ignores by its id."""


def ignored_by(case: dict[str, Any]) -> Ignoring:
    """Nothing, for a case that does not say otherwise."""
    words = [action["by"] for action in _configuring(case)]
    return Ignoring.of(
        executions=[IDENTIFIER for word in words if word == "execution id"],
        namespaces=[word.split()[-1] for word in words if "namespace" in word],
    )


def others_named(root: Path, case: dict[str, Any]) -> Iterator[str]:
    """Beside a flow of an ignored namespace another one of its name runs, which lies in the same folder."""
    if not ignored_by(case).namespaces:
        return
    for path in sorted((root / case["flow_file"]).parent.glob("*.yaml")):
        if re.search(rf"^id: {case['flow_id']}$", path.read_text(encoding="utf-8"), flags=re.MULTILINE):
            yield str(path.relative_to(root))


async def configure(play: Play, action: Action) -> None:
    """The execution that is begun next is the one to be ignored, where that is said by its id."""
    play.ignores_namespace = "namespace" in action["by"]
    play.next_id = IDENTIFIER if action["by"] == "execution id" else None


def _configuring(case: dict[str, Any]) -> list[dict[str, Any]]:
    return [action for action in case.get("actions", []) if action["do"] == "configure_ignore"]
