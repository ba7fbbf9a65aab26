"""Generated flows, acted on in every way, on the journal in memory and on PostgreSQL at once: they agree, and nothing is
lost at whichever commit the process dies (design: executor.md §9)."""

import random
from asyncio import Runner
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.adapters.postgres.samples import new_journal
from tests.adapters.postgres.server import running_server
from tests.engine.flows import flows
from tests.engine.people import act
from tests.engine.test_properties import CHILD, FILES, STEPS, few, finish, moody, seeds
from tests.engine.world import context_of
from tests.server import database
from tests.services.journalled import Journalled, Journals, while_it_lives

from tiercel.adapters.postgres.audit import ALWAYS

AS_FOUND = few if few.max_examples > 100 else settings(few, max_examples=8, phases=[Phase.explicit, Phase.generate])
"""Each commit waits for PostgreSQL, so these are few. A failure is shown as it was found: to look for a smaller one takes
minutes, so only a search for new ones does."""
UNDER_WAY = tuple(name for name in ALWAYS if name != "loops_linked")
"""Between the commits of this world an iteration may be over and its loop not told of it: the product stores both at once."""


@pytest.fixture(scope="module")
def journals() -> Iterator[Journals]:
    with running_server() as server, database(server) as dsn, Runner() as runner:
        postgres, look = new_journal(dsn), runner.run(asyncpg.connect(dsn))
        made = Journals(runner, postgres, look)
        yield made
        made.clear()
        runner.run(look.close())
        runner.run(postgres.close())


@AS_FOUND
@given(flow=flows(), seed=seeds, limit=st.integers(1, 3) | st.just(1024))
def test_memory_and_postgresql_agree_and_the_invariants_hold_over_crashes_and_control(
    journals: Journals, flow: dict[str, Any], seed: int, limit: int
) -> None:
    contexts = {"parent": context_of(flow), "child": context_of(CHILD)}
    world = Journalled(journals, contexts, script=moody(seed, 0.25), answers=FILES, limit=limit)
    world.create("parent")
    world.commit()
    live_somehow(world, random.Random(seed))
    finish(world)
    world.commit()
    world.check_rows()
    assert journals.differences() == []
    assert journals.broken() == {}
    for id in world.executions.keys() & world.first.keys():
        again, kept = while_it_lives(world.again(id)), while_it_lives(world.executions[id])
        assert again == kept, f"the history of {id} comes to something else"


def live_somehow(world: Journalled, dice: random.Random) -> None:
    """Everything happens in some order, with commits, crashes and what people do in between."""
    for _ in range(STEPS):
        actions = world.possible()
        if not actions:
            break
        dice.choice(actions)()
        if dice.random() < 0.03 and len(world.executions) < 8:
            act(world, dice)
        if dice.random() < 0.3:
            world.commit()
        if dice.random() < 0.03:
            world.crash()
            assert world.journals.broken(UNDER_WAY) == {}
