"""Medians of five executions of statements on the large catalogue, for docs/decisions/0022-plans.md.

usage: python3 tests/support/plan_times.py DATABASE_URL QUERIES_FOLDER STATEMENT[:GIVEN,…] …

The database is one that large_catalogue.fill has filled; the folder is sql/queries of this or of another commit.
"""
import pathlib
import statistics
import sys

import psycopg

import plans


def main(url, folder, *asked):
    plans.QUERIES = pathlib.Path(folder)
    known = {name: (params, fragments) for name, params, fragments in plans.statements()}
    with psycopg.connect(url, autocommit=True) as connection:
        planner = plans.Planner(connection)
        for one in asked:
            name, _, given = one.partition(":")
            call = planner.prepare(name, *known[name], frozenset(filter(None, given.split(","))))
            times = []
            for _ in range(5):
                with connection.transaction(force_rollback=True):
                    [plan] = connection.execute(f"explain (analyze, timing off, format json) {call}").fetchone()[0]
                    times.append(plan["Execution Time"])
            print(f"{one}: {statistics.median(times):.1f} ms")


if __name__ == "__main__":
    main(*sys.argv[1:])
