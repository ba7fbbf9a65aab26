"""Questions to the world: a few at once, not for ever, and failures are answers too."""

import asyncio
from typing import Any

from tiercel.expression import ExpressionError, Failed, HostCall
from tiercel.sdk import RunInfo
from tiercel.services.evaluator import Evaluator

INFO = RunInfo(
    tenant="main",
    namespace="company.team",
    flow_id="flow",
    flow_revision=1,
    execution_id="execution",
    task_id="",
    task_type="",
    task_run_id="",
    attempt=1,
)
CALL = HostCall("kv", {"key": "x"})


class Counting:
    """Counts how many ask at once; answers when it is let."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self.gate = asyncio.Event()
        self.third = asyncio.Event()

    async def answer(self, call: HostCall, info: RunInfo) -> Any:
        self.now += 1
        self.most = max(self.most, self.now)
        if self.now == 3:
            self.third.set()
        await self.gate.wait()
        self.now -= 1
        return "answer"


class Refusing:
    async def answer(self, call: HostCall, info: RunInfo) -> Any:
        raise ExpressionError("missing", "there is no key `x`")


async def test_only_so_many_are_asked_at_once() -> None:
    world = Counting()
    evaluator = Evaluator(world, at_once=3)
    answers = [asyncio.create_task(evaluator.answer(CALL, INFO)) for _ in range(10)]
    await world.third.wait()
    world.gate.set()
    assert await asyncio.gather(*answers) == ["answer"] * 10
    assert world.most == 3


async def test_a_question_without_answer_is_given_up() -> None:
    answer = await Evaluator(Counting(), seconds=0.01).answer(CALL, INFO)
    assert isinstance(answer, Failed)
    assert "kv() gave no answer within 0.01 s" in answer.message


async def test_a_refusal_is_an_answer() -> None:
    assert await Evaluator(Refusing()).answer(CALL, INFO) == Failed("there is no key `x`", "missing")


async def test_what_takes_its_own_time_holds_no_place() -> None:
    world = Counting()
    world.gate.set()
    evaluator = Evaluator(world, at_once=1)

    async def patient(arguments: Any, info: RunInfo) -> Any:
        return [arguments["key"], await evaluator.answer(HostCall("kv", {}), info)]

    evaluator.add("subflow", patient)
    assert await evaluator.answer(HostCall("subflow", {"key": "x"}), INFO) == ["x", "answer"]


async def test_its_failure_is_an_answer_too() -> None:
    async def failing(arguments: Any, info: RunInfo) -> Any:
        raise ExpressionError("limit", "too deep")

    evaluator = Evaluator(Counting())
    evaluator.add("subflow", failing)
    assert await evaluator.answer(HostCall("subflow", {}), INFO) == Failed("too deep", "limit")
