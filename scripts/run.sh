#!/bin/sh
# What `make run` does once the environment stands: builds the UI, starts the server with the flows of examples/,
# executes one of them, shows what to try next, and stays in the foreground until Ctrl+C.
set -eu

port=$1
url=http://127.0.0.1:$port
tiercel=.venv/bin/tiercel

.venv/bin/python ui/build.py

"$tiercel" server standalone --port "$port" --flow-path examples &
server=$!
trap 'kill -TERM $server 2>/dev/null || true; wait $server || true; exit 0' INT TERM

until "$tiercel" execution list --limit 1 --server "$url" >/dev/null 2>&1; do
    kill -0 $server 2>/dev/null || { wait $server; exit $?; }
    sleep 0.2
done

"$tiercel" execution start examples.hello --wait --server "$url"

cat <<END

What to try next:
  open $url/ui/
  $tiercel execution start examples.hello --input name=you --wait --server $url
  $tiercel run examples/hello.yaml --watch          without any server, again whenever you change the file

The server runs until Ctrl+C.
END

wait $server
