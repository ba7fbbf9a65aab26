"""Functions that look random: drawn from the seed, the task run and the number of the call, so a replay draws the same."""

import hashlib
from collections.abc import Mapping

from tiercel.expression.callables import About, Arguments, Function
from tiercel.expression.errors import ExpressionError
from tiercel.expression.surroundings import Surroundings
from tiercel.expression.values import Value
from tiercel.model.ids import ALPHABET, ID_LENGTH, base62

_URL_SAFE = "_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LONGEST_NANO_ID = 1000
_KSUID_EPOCH = 1_400_000_000
_KSUID_LENGTH = 27


def _draw(surroundings: Surroundings) -> bytes:
    """64 bytes nobody else draws."""
    cause = f"{surroundings.seed}\x1f{surroundings.task_run}\x1f{next(surroundings.calls)}"
    return hashlib.blake2b(cause.encode()).digest()


def _number(surroundings: Surroundings) -> int:
    return int.from_bytes(_draw(surroundings), "big")


def _id(arguments: Arguments) -> Value:
    space = len(ALPHABET) ** ID_LENGTH
    return base62(_number(arguments.rendering.surroundings) % space, length=ID_LENGTH)


def _uuid(arguments: Arguments) -> Value:
    if not arguments.rendering.dialect.has_long_uuids:
        return _id(arguments)
    digits = _draw(arguments.rendering.surroundings).hex()
    variant = "89ab"[int(digits[16], 16) % 4]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


def _ksuid(arguments: Arguments) -> Value:
    surroundings = arguments.rendering.surroundings
    seconds = int(surroundings.at.timestamp()) - _KSUID_EPOCH
    payload = seconds.to_bytes(4, "big") if 0 <= seconds < 2**32 else bytes(4)
    return base62(int.from_bytes(payload + _draw(surroundings)[:16], "big"), length=_KSUID_LENGTH)


def _nano_id(arguments: Arguments) -> Value:
    length = arguments.integer("length") if arguments.has("length") else 21
    alphabet = arguments.optional_text("alphabet") or _URL_SAFE
    if not 0 < length <= _LONGEST_NANO_ID:
        raise ExpressionError("argument", f"the argument `length` of `nanoId` must be from 1 to {_LONGEST_NANO_ID}")
    return "".join(_characters(length, alphabet, arguments.rendering.surroundings))


def _characters(length: int, alphabet: str, surroundings: Surroundings) -> list[str]:
    """Drawn from one hash as its stream, so that any length costs one call."""
    stream = hashlib.shake_256(_draw(surroundings)).digest(4 * length)
    numbers = (int.from_bytes(stream[start : start + 4], "big") for start in range(0, 4 * length, 4))
    return [alphabet[number % len(alphabet)] for number in numbers]


def _random_int(arguments: Arguments) -> Value:
    lower, upper = arguments.integer("lower"), arguments.integer("upper")
    if upper < lower:
        raise ExpressionError("argument", f"the argument `upper` of `randomInt` must not be below {lower}")
    return lower + _number(arguments.rendering.surroundings) % max(1, upper - lower)


FUNCTIONS: Mapping[str, Function] = {
    "uuid": Function(
        _uuid, "", About("An id that nothing else has, of 22 letters and digits.", "{{ uuid() | length }} → 22")
    ),
    "id": Function(
        _id, "", About("An id as executions have it, of 22 letters and digits.", "{{ id() | length }} → 22")
    ),
    "ksuid": Function(
        _ksuid,
        "",
        About("An id of 27 letters and digits that sorts by the time.", "{{ ksuid() | length }} → 27", since="2.0"),
    ),
    "nanoId": Function(
        _nano_id,
        "length=21, alphabet?",
        About(
            "An id of that length, at most 1000, from an alphabet: letters, digits, `_` and `-`, or another one.",
            "{{ nanoId(8, 'ab') | regexMatch('^[ab]{8}$') }} → true",
        ),
    ),
    "randomInt": Function(
        _random_int,
        "lower, upper",
        About("An integer from `lower` on and below `upper`.", "{{ randomInt(3, 4) }} → 3"),
    ),
}
