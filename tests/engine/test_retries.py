from datetime import timedelta
from typing import Any

import pytest

from tiercel.engine.retries import interval
from tiercel.model.task import Retry

EXPONENTIAL = {"type": "exponential", "interval": "PT1S", "maxInterval": "PT10S"}


@pytest.mark.parametrize(
    ("policy", "attempts", "draw", "seconds"),
    [
        ({"type": "constant", "interval": "PT7S"}, 1, 0.0, 7),
        ({"type": "constant", "interval": "PT7S"}, 9, 0.9, 7),
        ({"type": "random", "minInterval": "PT2S", "maxInterval": "PT4S"}, 1, 0.0, 2),
        ({"type": "random", "minInterval": "PT2S", "maxInterval": "PT4S"}, 1, 0.5, 3),
        (EXPONENTIAL, 1, 0.0, 1),
        (EXPONENTIAL, 2, 0.0, 2),
        (EXPONENTIAL, 4, 0.0, 8),
        (EXPONENTIAL, 5, 0.0, 10),
        (EXPONENTIAL, 100_000, 0.0, 10),
        ({**EXPONENTIAL, "delayFactor": 3}, 3, 0.0, 9),
    ],
)
def test_the_wait_before_a_retry(policy: dict[str, Any], attempts: int, draw: float, seconds: float) -> None:
    assert interval(Retry.model_validate(policy), attempts=attempts, draw=draw) == timedelta(seconds=seconds)
