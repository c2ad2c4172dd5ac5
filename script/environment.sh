# Sourced by every script: makes sure that the rest of the script runs on Debian 13.
#
#   environment_enter "$0" "$@"
#
# On Debian 13 it installs what deps/*.txt list and returns. Anywhere else with apt it builds a private
# Debian 13 root once (in the user's cache directory, named after a hash of the lists) and runs the same
# script again inside it, with the checkout and the user's folders at the same paths. Nothing of the
# host is changed beyond installing mmdebstrap and bubblewrap.

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
release=trixie
environment_path=/usr/lib/postgresql/17/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
cache="${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/eventd"

say() { printf '%s\n' "$*" >&2; }
die() { say "$(basename "$0"): $*"; exit 1; }

# The packages of the named lists (all three when none is named), one a line.
environment_packages() {
    local lists=("$@") list
    [ ${#lists[@]} -gt 0 ] || lists=(build run test)
    for list in "${lists[@]}"; do sed -e "s/#.*//" -e "/^ *$/d" "$checkout/deps/$list.txt"; done
}

environment_is_native() {
    [ -r /etc/os-release ] && (. /etc/os-release && [ "${ID:-}" = debian ] && [ "${VERSION_CODENAME:-}" = "$release" ])
}

environment_as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else die "this needs root once: $*"; fi
}

# Installs those of the given packages that are missing.
environment_install() {
    local missing=() name
    for name in "$@"; do
        dpkg-query -W -f='${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed || missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing: ${missing[*]}"
    environment_as_root apt-get -qq update
    environment_as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" >&2
}

environment_root() {
    printf '%s/%s-%s' "$cache" "$release" "$(environment_packages | sort -u | sha256sum | cut -c1-16)"
}

# Builds the private root, once. It appears under its final name only when it is whole; what an
# interrupted run left behind is removed by the next one, under the same lock.
environment_build_root() {
    local root=$1 started=$SECONDS
    environment_install mmdebstrap bubblewrap
    mkdir -p "$cache"
    exec {lock}>"$cache/lock"
    flock -n "$lock" || { say "another script is building the Debian 13 root; waiting for it"; flock "$lock"; }
    if [ ! -e "$root/.complete" ]; then
        rm -rf --one-file-system "$cache/$release-"*.partial "$root"
        say "building the private Debian 13 root (about two minutes, 1.5 GB): $root"
        mmdebstrap --quiet --variant=minbase --include="$(environment_packages | sort -u | paste -sd,)" \
            "$release" "$root.partial" >&2 ||
            { rm -rf --one-file-system "$root.partial"; die "mmdebstrap failed"; }
        mkdir -p "$root.partial/var/lib/eventd" # mount points of what comes from the host
        touch "$root.partial/etc/hosts" "$root.partial/etc/resolv.conf" "$root.partial/.complete"
        mv "$root.partial" "$root"
        say "the root stands after $((SECONDS - started)) s"
    fi
    exec {lock}>&-
}

# Where eventd keeps its state when STATE_DIR does not say: must agree with src/lib/config.
environment_state_dir() {
    if [ -n "${STATE_DIR:-}" ]; then printf '%s' "$STATE_DIR"
    elif [ "$(id -u)" = 0 ]; then printf /var/lib/eventd
    else printf '%s/eventd' "${XDG_STATE_HOME:-$HOME/.local/state}"; fi
}

# Runs a script inside the root. TERM and INT go to the program inside, so that it can drain.
environment_run() {
    local root=$1 state dir file; shift
    local mounts=(--tmpfs / --proc /proc --dev /dev --perms 1777 --tmpfs /dev/shm --tmpfs /run)
    for dir in bin etc lib lib64 sbin usr var; do
        if [ -L "$root/$dir" ]; then mounts+=(--symlink "$(readlink "$root/$dir")" "/$dir")
        else mounts+=(--ro-bind "$root/$dir" "/$dir"); fi
    done
    for dir in /home /root /srv /mnt /media /opt /tmp /var/tmp "/$(cut -d/ -f2 <<<"$checkout")"; do
        [ -d "$dir" ] && mounts+=(--bind "$dir" "$dir")
    done
    state=$(environment_state_dir)
    mkdir -p "$state" && mounts+=(--bind "$state" "$state")
    for file in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt; do
        [ -e "$file" ] && mounts+=(--ro-bind "$(readlink -f "$file")" "$file")
    done
    local capabilities=()
    if [ "$(id -u)" = 0 ]; then capabilities=(--cap-add ALL)
    else mounts+=(--ro-bind-data 8 /etc/passwd); fi # PostgreSQL wants its user to have a name

    local info; info=$(mktemp)
    # The one that starts bwrap and waits must outlive signals to the whole group (Ctrl-C, timeout): when it dies, what is
    # inside is killed at once. Inside, signals are as they were before that.
    # Re-running the script by its path keeps one way in: the same lines run natively and in the root.
    (
        trap '' INT QUIT TERM HUP
        EVENTD_ROOT=$root LANG=C.UTF-8 LC_ALL=C.UTF-8 PATH=$environment_path exec bwrap "${mounts[@]}" "${capabilities[@]}" \
            --die-with-parent --info-fd 9 --chdir "$PWD" env --default-signal=INT,QUIT,TERM,HUP "$@" \
            8< <(cat "$root/etc/passwd" && printf '%s:x:%s:%s::%s:/bin/bash\n' "${USER:-user}" "$(id -u)" "$(id -g)" "$HOME") 9>"$info"
    ) <&0 &
    local monitor=$! status=0
    # shellcheck disable=SC2064 # the file's name is wanted as it is now
    trap "rm -f '$info'" EXIT
    trap "environment_forward TERM '$info'" TERM HUP
    trap "environment_forward INT '$info'" INT
    # A trapped signal ends wait early: wait again until the monitor itself is gone.
    while kill -0 "$monitor" 2>/dev/null; do wait "$monitor" && status=0 || status=$?; done
    wait "$monitor" 2>/dev/null && status=0 || { code=$?; [ "$code" = 127 ] || status=$code; }
    rm -f "$info"
    exit "$status"
}

# Hands a signal on to the program inside; right at the start it may have to wait for the program's number.
environment_forward() {
    local child="" try
    for try in {1..40}; do
        child=$(sed -n 's/.*"child-pid": *\([0-9]*\).*/\1/p' "$2")
        [ -z "$child" ] || break
        sleep 0.05
    done
    [ -z "$child" ] || kill -"$1" "$child" 2>/dev/null || true
}

environment_enter() {
    [ -z "${EVENTD_ROOT:-}" ] || return 0
    if environment_is_native; then
        # shellcheck disable=SC2046 # one word a package
        environment_install $(environment_packages)
        PATH=$environment_path
        return 0
    fi
    command -v apt-get >/dev/null || die "this is neither Debian 13 nor a system with apt; use deploy/Dockerfile"
    local root; root=$(environment_root)
    [ -e "$root/.complete" ] || environment_build_root "$root"
    command -v bwrap >/dev/null || environment_install bubblewrap
    local script; script=$(readlink -f "$1"); shift
    environment_run "$root" "$script" "$@"
}
