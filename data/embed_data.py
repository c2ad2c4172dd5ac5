"""Turns the tables of this folder (*.tsv) into C: topics.tsv becomes `const struct slice data_topics`.

usage: embed_data.py --data DIR --out-c FILE --out-h FILE --depfile FILE
"""
import argparse
import pathlib
import re
import sys


def c_literal(text):
    lines = []
    for line in text.splitlines():
        escaped = line.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
        lines.append(f'    "{escaped}\\n"')
    return "\n".join(lines)


def is_content(line):
    return line.strip() and not line.startswith("#")


def main():
    parser = argparse.ArgumentParser()
    for option in ("--data", "--out-c", "--out-h", "--depfile"):
        parser.add_argument(option, required=True, type=pathlib.Path)
    options = parser.parse_args()
    paths = sorted(options.data.glob("*.tsv"))
    code, head = ['#include "data.gen.h"\n'], ["#pragma once\n", '#include "lib/base/slice.h"\n']
    for path in paths:
        if not re.fullmatch(r"[a-z_]+", path.stem):
            sys.exit(f"embed_data.py: {path}: a table's name is like topics")
        text = "\n".join(filter(is_content, path.read_text("utf-8").splitlines())) + "\n"
        code.append(f"const struct slice data_{path.stem} = SLICE_INIT(\n{c_literal(text)});\n")
        head.append(f"extern const struct slice data_{path.stem};")
    options.out_c.write_text("\n".join(code))
    options.out_h.write_text("\n".join(head) + "\n")
    used = [options.data, *paths, pathlib.Path(__file__)]
    options.depfile.write_text(f"{options.out_c}: {' '.join(map(str, used))}\n")


if __name__ == "__main__":
    main()
