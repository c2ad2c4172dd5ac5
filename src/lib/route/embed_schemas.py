"""Turns the JSON Schemas in src/<service>/schemas/<Name>.json into C tables: <service>_schemas, <service>_schema_count.

usage: embed_schemas.py --src DIR --out-c FILE --out-h FILE --depfile FILE
"""
import argparse
import json
import pathlib
import re
import sys


def minified(path):
    try:
        return json.dumps(json.loads(path.read_text("utf-8")), ensure_ascii=False, separators=(",", ":"))
    except ValueError as error:
        sys.exit(f"embed_schemas.py: {path}: {error}")


def c_literal(text):
    pieces = (text[at:at + 90] for at in range(0, len(text), 90))
    return "\n     ".join('"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"' for piece in pieces)


def main():
    parser = argparse.ArgumentParser()
    for option in ("--src", "--out-c", "--out-h", "--depfile"):
        parser.add_argument(option, required=True, type=pathlib.Path)
    options = parser.parse_args()
    services = {}
    for path in sorted(options.src.glob("*/schemas/*.json")):
        if not re.fullmatch(r"[A-Z][A-Za-z]+", path.stem):
            sys.exit(f"embed_schemas.py: {path}: a schema's name is like EventList")
        services.setdefault(path.parts[-3], []).append(path)
    code = ['#include "schemas.gen.h"\n']
    head = ["#pragma once\n", '#include "lib/route/route.h"\n']
    for service, paths in services.items():
        rows = "\n".join(f'    {{"{path.stem}",\n     {c_literal(minified(path))}}},' for path in paths)
        code.append(f"const struct route_schema {service}_schemas[] = {{\n{rows}\n}};\n"
                    f"const size_t {service}_schema_count = {len(paths)};\n")
        head.append(f"extern const struct route_schema {service}_schemas[];\nextern const size_t {service}_schema_count;\n")
    options.out_c.write_text("\n".join(code))
    options.out_h.write_text("\n".join(head))
    folders = [options.src / service / "schemas" for service in services]
    used = [*(path for path in options.src.iterdir() if path.is_dir()), *folders, *(path for paths in services.values() for path in paths), pathlib.Path(__file__)]
    options.depfile.write_text(f"{options.out_c}: {' '.join(str(path) for path in used)}\n")


if __name__ == "__main__":
    main()
