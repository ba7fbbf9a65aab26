"""Rewrites a flow of any version in the words of the latest one: step by step, each only where it changes no meaning."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

import msgspec

from tiercel.definition.edits import Edit, edited
from tiercel.definition.fixing import fix
from tiercel.definition.migration.draft import Draft
from tiercel.definition.migration.expressions import old_names
from tiercel.definition.migration.loops import loops
from tiercel.definition.migration.spellings import optional, spellings, types
from tiercel.definition.migration.step import Resolve, Rule, Step
from tiercel.definition.migration.tasks import backfills, echoes, gone, listeners, pauses, runners
from tiercel.definition.migration.triggers import conditions
from tiercel.definition.migration.versions import Evidence, Span, evidence, span_of
from tiercel.definition.portion import Portion
from tiercel.definition.problem import Problem, errors
from tiercel.definition.read import parse

Check = Callable[[str], Sequence[Problem]]
RULES: tuple[Rule, ...] = (
    types,
    spellings,
    optional,
    echoes,
    runners,
    backfills,
    conditions,
    listeners,
    pauses,
    loops,
    old_names,
    gone,
)
ALIKE_EVERYWHERE = (types, spellings, old_names)
"""Rules that change a text in the same way wherever an alias lets it stand."""
OLD = ("alias", "deprecated")
"""Problems that are old spellings: those that no rule knows of come from the types themselves."""
TOLD = ("tasks", "conditions", "scheduleConditions", "preconditions", "listeners", "outputs", "when", "type")
"""Properties of which the rules say why they are left."""


class Migration(msgspec.Struct, frozen=True):
    """What became of a text."""

    text: str
    evidence: tuple[Evidence, ...]
    """What tells for which version it was written."""
    span: Span
    done: tuple[Step, ...] = ()
    """What was changed; lines are those of the text before."""
    left: tuple[Step, ...] = ()
    """What must be changed by hand; lines likewise."""
    problems: tuple[Problem, ...] = ()
    """Why a text cannot be read at all."""

    def below(self, lines: int) -> "Migration":
        """The same, said of a text that stands below so many lines of others."""
        return msgspec.structs.replace(
            self,
            evidence=tuple(msgspec.structs.replace(each, line=each.line + lines) for each in self.evidence),
            done=tuple(_at(step, step.line + lines) for step in self.done),
            left=tuple(_at(step, step.line + lines) for step in self.left),
            problems=Portion(self.text, lines).placed(self.problems),
        )


def migrate(text: str, *, resolve: Resolve, check: Check) -> Migration:
    """The text of one flow in the words of 2.0."""
    document, problems = parse(text)
    if document is None:
        return Migration(text, (), Span(None, None), problems=tuple(problems))
    found = tuple(evidence(document, resolve))
    new, done, refused = _rewritten(text, resolve, check)
    lines = _lines_before(text, new)
    fixed = fix(new, check, codes=OLD)
    done += tuple(Step(lines.get(each.line, each.line), each.message) for each in fixed.done)
    left = [step for step in _steps(fixed.text, resolve) if not step.edits or step.message in refused]
    left += [Step(each.line, each.message) for each in fixed.left if each.code in OLD and _name(each) not in TOLD]
    told = tuple(_at(step, lines.get(step.line, step.line)) for step in left)
    return Migration(fixed.text, found, span_of(found), done, told)


def _rewritten(text: str, resolve: Resolve, check: Check) -> tuple[str, tuple[Step, ...], set[str]]:
    """The text after every certain step, the steps, and what those would change that broke the flow."""
    new, done, refused = text, list[Step](), set[str]()
    before = _counted(check(text))
    while step := next((each for each in _steps(new, resolve) if each.edits and each.message not in refused), None):
        candidate = new if _overlap(step.edits) else edited(new, step.edits)
        after = _counted(check(candidate))
        if parse(candidate)[0] is None or not after <= before or candidate == new:
            refused.add(step.message)
            continue
        done.append(_at(step, _lines_before(text, new).get(step.line, step.line)))
        new, before = candidate, after
    return new, tuple(done), refused


def _steps(text: str, resolve: Resolve) -> Iterator[Step]:
    document, _ = parse(text)
    if document is None:
        return
    draft = Draft(document)
    for rule in RULES:
        for step in rule(draft, resolve):
            yield step if rule in ALIKE_EVERYWHERE or not draft.is_shared(step.edits) else _shared(step)


def _shared(step: Step) -> Step:
    return Step(step.line, f"{step.message}: do it by hand, for an alias lets the text stand in several places")


def _at(step: Step, line: int) -> Step:
    return Step(line, step.message, step.edits)


def _name(problem: Problem) -> str:
    return problem.path.rpartition(".")[2]


def _overlap(edits: Sequence[Edit]) -> bool:
    """Are there two changes of one place? So it is where an alias lets several things stand in it."""
    places = sorted(edits)
    return any(edit.end > following.start for edit, following in pairwise(places)) or len(set(places)) < len(places)


def _counted(problems: Sequence[Problem]) -> Counter[str]:
    return Counter(problem.code for problem in errors(problems))


def _lines_before(before: str, after: str) -> dict[int, int]:
    """For each line of a changed text the line it was, or was made of."""
    lines: dict[int, int] = {}
    matcher = SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    for _, start, end, new_start, new_end in matcher.get_opcodes():
        for number in range(new_start, new_end):
            lines[number + 1] = min(start + number - new_start, max(end - 1, start)) + 1
    return lines
