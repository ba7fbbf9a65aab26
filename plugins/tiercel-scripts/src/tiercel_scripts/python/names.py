"""`true`, `false` and `null` as names of Python: `{{ inputs.flag }}` renders so. No line of a script shifts for it."""

NAMES = "import builtins; builtins.true, builtins.false, builtins.null = True, False, None\n"
"""A .pth file of an environment: the names are there from the start of Python, whatever it runs."""

RUN_WITH_NAMES = (
    NAMES
    + """import os, sys
sys.argv = sys.argv[1:]
sys.path[0] = os.path.dirname(sys.argv[0])
__file__ = sys.argv[0]
with open(__file__, "rb") as _script:
    exec(compile(_script.read(), __file__, "exec"))
"""
)
"""For the Python of an environment that is not ours: `python -c RUN_WITH_NAMES script.py`."""
