# Starts a server that is nobody's child, prints its process id, and leaves a guard that stops it when nobody uses it:
# everyone who does holds a shared lock, and the kernel takes it from those who were killed.
# Arguments: the server's log, the file of the locks, the server's note of itself, then the server's command.
log=$1 lock=$2 note=$3
shift 3

"$@" >"$log" 2>&1 </dev/null &
server=$!

if command -v flock >/dev/null; then
    # Held until the server is gone, so that nobody takes up one that is about to stop.
    flock --exclusive "$lock" sh -c '
        [ "$(head -n 1 "$1")" = "$0" ] || exit
        kill -INT "$0" 2>/dev/null
        while [ -e "$1" ] && [ -e "/proc/$0/cwd" ]; do sleep 0.05; done
    ' "$server" "$note" >/dev/null 2>&1 </dev/null &
fi

echo "$server"
