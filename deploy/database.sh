#!/usr/bin/env bash
# The database container: makes a cluster on the first start, runs /docker-entrypoint-initdb.d/*.sql in it once, and
# becomes the server. The same variables as the usual PostgreSQL images: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB,
# PGDATA. Further arguments go to the server.
set -euo pipefail

bin=/usr/lib/postgresql/17/bin
user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
data=${PGDATA:-/var/lib/postgresql/data}
scripts=${INIT_SCRIPTS:-/docker-entrypoint-initdb.d}
: "${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD}"

# The server refuses to run as root: everything from here on is done as the user postgres, as whom the script starts again.
if [ "$(id -u)" = 0 ]; then
    mkdir -p "$data"
    chown postgres:postgres "$data"
    chmod 700 "$data"
    exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
fi

settings=(-c shared_preload_libraries=pg_stat_statements,age -c "unix_socket_directories=$data" "$@")

# A cluster gets its name when it is whole: an interrupted first start is made anew.
if [ ! -e "$data/cluster/PG_VERSION" ]; then
    rm -rf "$data/partial"
    "$bin/initdb" --pgdata="$data/partial" --username="$user" --pwfile=<(printf '%s' "$POSTGRES_PASSWORD") \
        --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 --locale-provider=builtin --locale=C.UTF-8 \
        --data-checksums --no-instructions >/dev/null
    echo "host all all all scram-sha-256" >>"$data/partial/pg_hba.conf"
    "$bin/pg_ctl" --pgdata="$data/partial" --silent --wait \
        --options="$(printf '%q ' "${settings[@]}" -c listen_addresses=)" start
    run() { "$bin/psql" --host="$data" --username="$user" --no-psqlrc --quiet --set=ON_ERROR_STOP=1 "$@"; }
    [ "$database" = postgres ] || run --dbname=postgres --set=name="$database" <<<'create database :"name"'
    for script in "$scripts"/*.sql; do
        [ ! -e "$script" ] || run --dbname="$database" --file="$script"
    done
    "$bin/pg_ctl" --pgdata="$data/partial" --silent --wait --mode=fast stop
    mv "$data/partial" "$data/cluster"
fi

exec "$bin/postgres" -D "$data/cluster" -c listen_addresses='*' "${settings[@]}"
