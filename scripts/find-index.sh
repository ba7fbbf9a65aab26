#!/bin/sh
# Prints the package index that pip is configured with, or nothing. uv reads no configuration of pip's.

if [ -n "${PIP_INDEX_URL:-}" ]; then
    echo "$PIP_INDEX_URL"
else
    .venv/bin/pip config list 2>/dev/null | sed -n "s/^\(global\|install\|site\)\.index-url='\(.*\)'$/\2/p" | tail -n 1
fi
