"""Identity: execution ids that name their time and shard, and ids derived from causes by hash.

Nothing here rolls dice or reads a clock: milliseconds and randomness are arguments.
"""

import hashlib
import zlib

from tiercel.model.errors import InvalidId

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SHARDS = 1024
ID_LENGTH = 22
_TIME_LENGTH, _SHARD_LENGTH, _RANDOM_LENGTH = 8, 2, 12
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
"""Two digits at a time: ids are made for every task run."""
_PAIR_SPACE = len(_PAIRS)
_RANDOM_SPACE = 62**_RANDOM_LENGTH
_ID_SPACE = 62**ID_LENGTH
_HASH_SPACE = 62**7
"""What the index of an iteration leaves of the twelve random characters: up to 916 million iterations."""


def execution_id(milliseconds: int, *, shard: int, random: int) -> str:
    """8 characters of time, 2 of shard, 12 of `random` (any non-negative integer): sorts by time, names its shard."""
    return (
        base62(milliseconds, length=_TIME_LENGTH)
        + base62(shard, length=_SHARD_LENGTH)
        + base62(random % _RANDOM_SPACE, length=_RANDOM_LENGTH)
    )


def caused_execution_id(milliseconds: int, *, shard: int, cause: tuple[object, ...]) -> str:
    """The id of an execution that a cause names: deciding twice names the same one."""
    return execution_id(milliseconds, shard=shard, random=_hash(cause))


def iteration_id(milliseconds: int, *, shard: int, index: int, cause: tuple[object, ...]) -> str:
    """The id of an iteration of a loop that began at this time: ids of one loop sort by their index."""
    return execution_id(milliseconds, shard=shard, random=index * _HASH_SPACE + _hash(cause) % _HASH_SPACE)


def index_of(identifier: str) -> int:
    """The index in an id that `iteration_id` made."""
    return number(identifier[_TIME_LENGTH + _SHARD_LENGTH :]) // _HASH_SPACE


def task_run_id(execution: str, *, scope: str, task: str, value: str, iteration: int, generation: int) -> str:
    """22 base62 characters from what identifies a task run; `generation` counts removals of the scope's children."""
    return base62(_hash((execution, scope, task, value, iteration, generation)) % _ID_SPACE, length=ID_LENGTH)


def shard_of(identifier: str) -> int:
    """The shard an execution lives in; ids not minted by us are routed by their checksum."""
    try:
        shard = number(identifier[_TIME_LENGTH : _TIME_LENGTH + _SHARD_LENGTH])
    except InvalidId:
        shard = SHARDS
    ours = len(identifier) == ID_LENGTH and identifier.startswith("0") and shard < SHARDS
    return shard if ours else zlib.crc32(identifier.encode()) % SHARDS


def milliseconds_of(identifier: str) -> int:
    """When an execution id of ours was minted, in milliseconds since 1970."""
    return number(identifier[:_TIME_LENGTH])


def earliest_id(milliseconds: int) -> str:
    """The bound below every id minted at or after `milliseconds`: dates become ranges of ids."""
    return base62(milliseconds, length=_TIME_LENGTH)


def base62(value: int, *, length: int) -> str:
    """`value` in base 62, left-padded with zeros."""
    pairs: list[str] = []
    while value:
        value, rest = divmod(value, _PAIR_SPACE)
        pairs.append(_PAIRS[rest])
    return "".join(reversed(pairs)).lstrip("0").rjust(length, "0")


def number(text: str) -> int:
    """The number a base62 text stands for."""
    value = 0
    for character in text:
        digit = _VALUES.get(character)
        if digit is None:
            raise InvalidId(text)
        value = value * 62 + digit
    return value


def _hash(parts: tuple[object, ...]) -> int:
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "big")
