"""Benches: what Tiercel costs and how fast it is, by rules that hold on a shared machine (docs/reference/bench.md).

`python -m bench.run b1 fanout chain` prints MACHINE, LIMIT, RUN, RESULT and GATE lines; see `bench.report`.
"""
