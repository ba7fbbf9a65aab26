"""The workloads that need a server, by name."""

from collections.abc import Awaitable, Callable, Mapping

from bench import beside, ladders, memory, singles
from bench.ladders import Limits
from bench.report import Report
from bench.server import Server

WORKLOADS: Mapping[str, Callable[[Server, Report, Limits], Awaitable[None]]] = {
    "b1": ladders.b1,
    "b2": ladders.b2,
    "b3": singles.b3,
    "beside": beside.beside,
    "bigflow": singles.bigflow,
    "chain": singles.chain,
    "fanout": singles.fanout,
    "memory": memory.memory,
}
