"""What people do to executions in a world of tests, whatever those are up to."""

import random

from tests.engine.world import Simulation

from tiercel.engine import events as engine_events
from tiercel.engine.replays import NotReplayable
from tiercel.model.execution import Kind
from tiercel.model.states import BY_HAND


def act(world: Simulation, dice: random.Random) -> None:
    """Something that a person does to one of the executions."""
    id = dice.choice([id for id, execution in world.executions.items() if execution.kind is not Kind.LOOP])
    match dice.randrange(7):
        case 0:
            world.restart(id)
        case 1:
            _replay(world, id, dice)
        case 2:
            world.tell(id, engine_events.ForceRun(at=world.now, seed=world.seed()))
        case 3:
            world.kill(id, cascade=dice.random() < 0.8)
        case 4:
            world.pause(id)
        case 5:
            world.resume(id)
        case _:
            _change(world, id, dice)


def _replay(world: Simulation, id: str, dice: random.Random) -> None:
    run = dice.choice([None, *world.histories[id].values()])
    try:
        world.replay(id, task_run=None if run is None else run.id)
    except NotReplayable:
        return


def _change(world: Simulation, id: str, dice: random.Random) -> None:
    """A task run is said to have ended otherwise."""
    runs = list(world.histories[id].values())
    if runs:
        world.change(id, dice.choice(runs), dice.choice(sorted(BY_HAND)))
