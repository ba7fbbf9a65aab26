#!/bin/sh
# Prints the first Python that can build the environment: 3.11 or newer, with the venv module.
# Where there is none, says in one line what brings it, and fails.

usable='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'

for python in python3.13 python3.12 python3.11 python3 /usr/bin/python3; do
    if "$python" -c "$usable" 2>/dev/null; then
        echo "$python"
        exit 0
    fi
done

echo "No Python 3.11 or newer with the venv module was found. This line brings it (Debian, Ubuntu), then run make again:" >&2
echo "    sudo apt-get install --yes python3-venv" >&2
exit 1
