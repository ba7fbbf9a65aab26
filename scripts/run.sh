#!/bin/sh
# What `make run` does once the environment stands.
set -eu

.venv/bin/python -c "import tiercel"
echo "Tiercel is installed. It has no command yet that could execute a flow."
