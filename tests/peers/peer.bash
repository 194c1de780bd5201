# What the peer scripts share: skipping, the cache, starting and stopping a process by its own pid.
# Sourced by bash with PEER set to the peer's name; says nothing on standard output by itself.
# shellcheck shell=bash

PEERS_CACHE=${CXD_PEERS_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/cortexd-peers}

say() { printf '%s: %s\n' "$PEER" "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# The peer cannot be had here: 77 tells the caller "skipped". CXD_PEERS_REQUIRED=1 makes it a failure,
# for a place where a silent skip would hide that nothing was proved.
skip() {
    printf 'skipped: %s: %s\n' "$PEER" "$*"
    if [ "${CXD_PEERS_REQUIRED:-0}" = 1 ]; then
        exit 1
    fi
    exit 77
}

need() {
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null 2>&1 || skip "no $tool on this machine"
    done
}

# One build at a time, whoever asks: held until the calling subshell ends.
cache_lock() {
    need flock
    mkdir -p "$PEERS_CACHE" || die "cannot make $PEERS_CACHE"
    exec 9>"$PEERS_CACHE/$PEER.lock"
    flock -w "${CXD_PEERS_BUILD_TIMEOUT:-600}" 9 || skip "another build holds $PEERS_CACHE/$PEER.lock"
}

cache_unlock() { exec 9>&-; }

# limited SECONDS LOG COMMAND..: the command under a time limit, its words in LOG. A failure is told
# by a line of the log, in LIMITED_REASON; what looks like an address is left out of it.
# shellcheck disable=SC2034 # it is read by the callers
limited() {
    local limit=$1 log=$2 rc=0
    shift 2
    timeout -k 10 "$limit" "$@" >"$log" 2>&1 9>&- </dev/null || rc=$?
    case $rc in
    0) return 0 ;;
    124 | 137) LIMITED_REASON="gave up after ${limit} s (log: $log)" ;;
    *) LIMITED_REASON="exit code $rc (log: $log): $(error_line "$log")" ;;
    esac
    return 1
}

# The first line that calls itself an error, else the last one.
error_line() {
    {
        grep -m 1 -E '^\[?ERROR' "$1" || grep -v '^[[:space:]]*$' "$1" | tail -n 1
    } 2>/dev/null | sed 's#[a-z]*://[^ ]*#(address)#g' | cut -c1-240
}

# A process is known by pid and start time (clock ticks since boot), so that a pid used again by
# the system for another process is never signalled.
start_time() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    # the command name, in brackets, may hold blanks: count the fields after it
    stat=${stat##*) }
    # shellcheck disable=SC2086
    set -- $stat
    [ "$1" != Z ] || return 1
    printf '%s\n' "${20}"
}

# spawn PIDFILE LOG COMMAND..: in a session of its own, for CXD_PEERS_LIFETIME seconds at most, so that
# a forgotten peer ends by itself.
spawn() {
    local pidfile=$1 log=$2 pid
    shift 2
    setsid timeout -k 20 "${CXD_PEERS_LIFETIME:-3600}" "$@" >"$log" 2>&1 </dev/null 9>&- &
    pid=$!
    printf '%s %s\n' "$pid" "$(start_time "$pid")" >"$pidfile"
}

running() {
    local pid ticks
    read -r pid ticks 2>/dev/null <"$1" || return 1
    [ -n "$ticks" ] && [ "$(start_time "$pid")" = "$ticks" ]
}

# reap PIDFILE [SECONDS]: asks the process to end, then ends its whole process group.
reap() {
    local pidfile=$1 left=$((${2:-20} * 10)) pid
    if running "$pidfile"; then
        read -r pid _ <"$pidfile"
        kill -TERM "$pid" 2>/dev/null
        while running "$pidfile" && [ "$left" -gt 0 ]; do
            sleep 0.1
            left=$((left - 1))
        done
        if running "$pidfile"; then
            say "process $pid did not end when asked: killed"
            kill -KILL -- "-$pid" 2>/dev/null
        fi
    fi
    rm -f "$pidfile"
}

# wait_http PIDFILE SECONDS URL [CURL OPTIONS..]: 0 once it answers, 1 the process is gone, 2 too late.
wait_http() {
    local pidfile=$1 deadline=$((SECONDS + $2)) url=$3
    shift 3
    while [ "$SECONDS" -lt "$deadline" ]; do
        curl -fsS -m 5 --noproxy '*' -o /dev/null "$@" "$url" 2>/dev/null && return 0
        running "$pidfile" || return 1
        sleep 0.2
    done
    return 2
}

# A port of the loopback address that nobody listens on now. Another process may still be quicker:
# callers try again with a new one.
free_port() {
    local port tries
    for tries in $(seq 50); do
        port=$((20000 + (RANDOM * 32768 + RANDOM + tries) % 12000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            printf '%s\n' "$port"
            return 0
        fi
    done
    return 1
}

# "${GO_ENV[@]}" NAME=VALUE.. COMMAND..: Go with everything it fetches or compiles kept in our cache, and with
# the Go that is here: it must not fetch another.
# shellcheck disable=SC2034 # it is read by the callers
GO_ENV=(env "GOMODCACHE=$PEERS_CACHE/go/mod" "GOCACHE=$PEERS_CACHE/go/build" GOTOOLCHAIN=local
    "GOFLAGS=-modcacherw -buildvcs=false" GOWORK=off CGO_ENABLED=0)
