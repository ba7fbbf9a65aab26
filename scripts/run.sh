#!/bin/sh
# What `make run` does once the environment stands.
set -eu

.venv/bin/python -c "import tiercel"
echo "The first execution has ended."
