"""Pages a second on one core, beside a peer written with cheerio, in turns in one run; and memory over many pages.

usage: speed.py --program FILE --peer FILE --packages DIR --pages-folder DIR [--rounds N] [--memory-pages N]
"""
import argparse
import json
import pathlib
import statistics
import subprocess

OURS, PEERS = 3000, 300


def run(command):
    return json.loads(subprocess.run([str(part) for part in command], capture_output=True, check=True).stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--packages", required=True)
    parser.add_argument("--luma", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory-pages", type=int, default=100_000)
    options = parser.parse_args()
    sets = {"pages as saved": sorted(options.luma.glob("real-pages/event-*.html")),
            "rebuilt pages": sorted(options.luma.glob("pages/*.html.gz"))}
    print("| pages | KB each | ours, pages/s of CPU | cheerio, pages/s of CPU | ratio |\n| --- | --- | --- | --- | --- |")
    for name, files in sets.items():
        ours, peers = [], []
        for _ in range(options.rounds):
            ours.append(run([options.program, "--pages", OURS, *files]))
            peers.append(run(["node", options.peer, options.packages, PEERS, *files]))
        rate, peer = (statistics.median(result["pages_per_second"] for result in results) for results in (ours, peers))
        size = ours[0]["bytes"] / ours[0]["pages"] / 1000
        print(f"| {name} ({len(files)}) | {size:.0f} | {rate:.0f} | {peer:.0f} | {rate / peer:.1f} |", flush=True)
    if options.memory_pages:
        memory = run([options.program, "--pages", options.memory_pages, *sets["pages as saved"]])
        print(f"\nResident memory after {memory['pages'] // 10:,} pages {memory['rss_kb_early'] / 1000:.1f} MB, after {memory['pages']:,} pages "
              f"{memory['rss_kb_late'] / 1000:.1f} MB.")


if __name__ == "__main__":
    main()
