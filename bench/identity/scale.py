"""How long it takes to find out whom a page means, and to find everybody who is listed twice, in catalogues of any size.

A PostgreSQL of its own is filled with invented people whose names are as frequent as real ones; one in 25 is another spelling
of one before. Then mentions are resolved one by one as processing does it (each in a transaction that is rolled back), and
POST /internal/deduplicate/speakers runs as a job of the processor.

usage: scale.py --program FILE --eventd FILE [--people N …] [--mentions N] [--batch]
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "support"))

import client  # noqa: E402
import psycopg  # noqa: E402
from cluster import Cluster  # noqa: E402
from ports import free_ports  # noqa: E402

STAGING = "create temporary table staged (id uuid, name text, normalized_name text, company text, handle text, other uuid)"


def run(*command):
    return json.loads(subprocess.run([str(part) for part in command], capture_output=True, check=True, text=True).stdout)


def fill(program, url, people):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("truncate speakers, duplicates, merges, jobs cascade")
        connection.execute(STAGING)
        made = subprocess.Popen([str(program), "people", str(people)], stdout=subprocess.PIPE)
        with connection.cursor().copy("copy staged from stdin") as copy:
            while chunk := made.stdout.read(1 << 20):
                copy.write(chunk)
        assert made.wait() == 0
        connection.execute("insert into speakers (id, name, normalized_name, company, confidence_score) "
                           "select id, name, normalized_name, company, 0.9 from staged")
        connection.execute("insert into speaker_aliases (speaker_id, name) select id, name from staged")
        connection.execute("insert into speaker_handles (speaker_id, kind, value) select id, 'linkedin', handle from staged where handle is not null")
        connection.execute("create table if not exists truth (id uuid primary key, other uuid)")
        connection.execute("truncate truth")
        connection.execute("insert into truth select id, other from staged where other is not null")


def memory_mb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024


def batch(eventd, url, show):
    """The job as the processor runs it; what it found, beside what there was to find."""
    port, extractor = free_ports(2)
    with tempfile.TemporaryDirectory() as state, psycopg.connect(url, autocommit=True) as connection:
        settings = {**os.environ, "DATABASE_URL": url, "PROCESSOR_PORT": str(port), "EXTRACTOR_PORT": str(extractor), "STATE_DIR": state,
                    "INTERNAL_TOKEN": "bench-token-of-thirty-two-letters", "LOG_LEVEL": "warn"}
        with open(os.path.join(state, "log"), "w") as log:
            processor = subprocess.Popen([str(eventd), "processor"], env=settings, stderr=log, stdout=log)
            try:
                began = time.monotonic()
                job = connection.execute(
                    "select enqueue_job('deduplicate', json_build_object('kinds', array['speaker'], 'dry_run', false, 'threshold', null), "
                    "'bench', asked_by(null, 'bench'), 6)").fetchone()[0]
                while (state_now := connection.execute("select state from jobs where id = %s", (job,)).fetchone()[0]) not in ("completed", "discarded"):
                    assert processor.poll() is None, "the processor has ended"
                    time.sleep(0.5)
                seconds = time.monotonic() - began
                attempt, *error = connection.execute("select attempt, error_code, error_detail from jobs where id = %s", (job,)).fetchone()
                assert state_now == "completed" and attempt == 1, (state_now, attempt, error, pathlib.Path(state, "log").read_text()[-2000:])
                peak = memory_mb(processor.pid)
            finally:
                processor.terminate()
                processor.wait(30)
        result = connection.execute("select result from jobs where id = %s", (job,)).fetchone()[0]
        root = "coalesce(s.merged_into, s.id)"
        found, = connection.execute(f"""
            select count(*) from truth t join speakers s on s.id = t.id join speakers o on o.id = t.other
            where {root} = coalesce(o.merged_into, o.id)""").fetchone()
        total, = connection.execute("select count(*) from truth").fetchone()
        wrong, = connection.execute(f"""
            select count(*) from speakers s left join truth t on t.id = s.id left join truth u on u.id = s.merged_into
            where s.merged_into is not null and coalesce(t.other, s.id) <> coalesce(u.other, s.merged_into)""").fetchone()
        for row in connection.execute("""
                select l.name, l.company, s.name, s.company, m.probability, m.reason from merges m join speakers l on l.id = m.loser join speakers s on s.id = m.survivor
                left join truth t on t.id = l.id left join truth u on u.id = s.id
                where coalesce(t.other, l.id) <> coalesce(u.other, s.id) order by m.loser limit %s""", (show,)):
            weights = ", ".join(f"{step['field']} {step['level']} {step['weight']}" for step in row[5])
            print(f"wrong: {row[0]} ({row[1]}) / {row[2]} ({row[3]}), {row[4]}: {weights}")
        return {"seconds": seconds, "peak_mb": peak, "candidates": result["candidates"], "merged": result["merged"],
                "for_review": result["for_review"], "found": found, "of": total, "merged_with_another": wrong}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--eventd", required=True, type=pathlib.Path)
    parser.add_argument("--people", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--mentions", type=int, default=4000)
    parser.add_argument("--batch", action="store_true", help="deduplicate each catalogue, too")
    parser.add_argument("--statements", action="store_true", help="what the database takes for each statement of a mention")
    parser.add_argument("--show", type=int, default=0, help="so many wrong merges of each")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        os.chmod(folder, 0o755)
        cluster = Cluster(pathlib.Path(folder))
        with open(pathlib.Path(cluster.data) / "postgresql.auto.conf", "a") as settings:
            settings.write("shared_buffers='1GB'\nmax_wal_size='8GB'\n")
        cluster.stop()
        cluster.start()
        try:
            subprocess.run([str(options.eventd), "migrate"], env={**os.environ, "DATABASE_URL": cluster.url}, check=True, capture_output=True)
            for people in options.people:
                fill(options.program, cluster.url, people)
                keys = run(options.program, "keys", cluster.url)
                with psycopg.connect(cluster.url, autocommit=True) as connection:
                    for table in ("speakers", "speaker_keys", "speaker_aliases", "speaker_handles"):
                        connection.execute(f"vacuum analyze {table}")
                    connection.execute("checkpoint")
                    size = connection.execute("select pg_total_relation_size('speaker_keys') / 1e6").fetchone()[0]
                print(f"\n## {people:,} people\n\nKeys of all: {keys['seconds']:.0f} s ({keys['rows'] / max(keys['seconds'], 0.1):,.0f} people/s), {size:.0f} MB.", flush=True)
                first = run(options.program, "resolve", cluster.url, people, options.mentions, options.mentions)
                if options.statements:
                    with psycopg.connect(cluster.url, autocommit=True) as connection:
                        connection.execute("create extension if not exists pg_stat_statements")
                        connection.execute("select pg_stat_statements_reset()")
                one = run(options.program, "resolve", cluster.url, people, 0, options.mentions)
                # The first ones fetch the catalogue from the disk; the second ones are others.
                for what, times in ((f"Whom one of the first {options.mentions} mentions means", first["matching"]), ("and one of the next", one["matching"]),
                                    ("and with writing it down", one["all"])):
                    print(f"{what}: " + ", ".join(f"{name} {ms:.2f} ms" for name, ms in times.items()) + ".")
                print(f"Of {one['known']} in another spelling {one['found']} were found, {one['new']} became new ones, {one['somebody_else']} somebody else; "
                      f"of {one['mentions'] - one['known']} strangers {one['strangers_taken']} were taken for somebody.", flush=True)
                if options.statements:
                    with psycopg.connect(cluster.url, autocommit=True) as connection:
                        for calls, mean, query in connection.execute(
                                "select calls, mean_exec_time, left(regexp_replace(query, '\\s+', ' ', 'g'), 90) from pg_stat_statements "
                                "where calls >= %s order by total_exec_time desc limit 8", (options.mentions // 4,)):
                            print(f"{calls} calls, {mean:.3f} ms each: {query}")
                if options.batch:
                    all_ = batch(options.eventd, cluster.url, options.show)
                    print(f"All at once: {all_['seconds']:.0f} s, {all_['candidates']:,} pairs compared, {all_['merged']:,} merged, {all_['for_review']:,} for review; "
                          f"of {all_['of']:,} other spellings {all_['found']:,} were merged, {all_['merged_with_another']:,} rows were merged with another person; "
                          f"at most {all_['peak_mb']:.0f} MB of memory.", flush=True)
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()
