"""Turns sql/queries/**.sql and sql/migrations/*.sql into C tables (see statement.h for the form of a file).

usage: embed_sql.py --sql DIR --out-c FILE --out-h FILE --depfile FILE
"""
import argparse
import hashlib
import pathlib
import re
import sys

PARAM = re.compile(r"--\s*param:\s*(\w+)\s+([\w.]+(?:\(\d+\))?(?:\[\])?)(\s+optional)?\s*(?:--.*)?$")
CONDITION = re.compile(r"--\?\s*([\w|]+)?\s*(?:!([\w|]+))?\s*$")
# A parameter is :name, but not the second half of a cast and not inside a literal or comment.
TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|::|:=|:([a-z_]\w*)", re.S)
MAX_PARAMS = 64


class Mistake(Exception):
    pass


def c_string(text):
    """A C literal; one piece a line, so that the generated file can be read."""
    pieces = text.splitlines(keepends=True) or [""]
    escaped = (p.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") for p in pieces)
    return "\n        ".join(f'"{p}"' for p in escaped)


INCLUDE = re.compile(r"--\+\s*([\w/]+)\s*$")


def expand(queries, name, text):
    """Puts `--+ events/_filters` in place: the parameters of the part to the head, its text where the line stands."""
    head, body = [], []
    for line in text.splitlines():
        match = INCLUDE.match(line.strip())
        if not match:
            body.append(line)
            continue
        part = queries / (match.group(1) + ".sql")
        if not part.is_file():
            raise Mistake(f"{name}.sql: no file {part.name} to include")
        lines = part.read_text().splitlines()
        head += [l for l in lines if l.startswith("-- param:")]
        body += [l for l in lines if not l.startswith("-- param:")]
    return "\n".join(head + body) + "\n"


def used_params(text):
    return [m.group(1) for m in TOKEN.finditer(text) if m.group(1)]


def without_comments(text):
    kept = (line for line in text.splitlines() if not line.lstrip().startswith("--"))
    return "".join(line + "\n" for line in kept if line.strip())


def parse(name, text):
    params, fragments, lines, condition = [], [], [], None
    in_head = True

    def flush():
        body = without_comments("\n".join(lines))
        if body:
            fragments.append((body, *(condition or (0, 0))))
        lines.clear()

    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        where = f"{name}.sql:{number}"
        if in_head and stripped.startswith("-- param:"):
            match = PARAM.match(stripped)
            if not match:
                raise Mistake(f"{where}: expected `-- param: name type [optional] [-- meaning]`")
            params.append((match.group(1), match.group(2), bool(match.group(3))))
            continue
        if stripped and not stripped.startswith("--"):
            in_head = False
        if stripped.startswith("--?"):
            match = CONDITION.match(stripped)
            if not match or condition:
                raise Mistake(f"{where}: expected `--? a|b`, `--? !a` or `--? a|b !c|d`, not inside another block")
            flush()
            condition = tuple(mask_of(where, params, (group or "").split("|")) for group in match.groups())
        elif stripped == "--.":
            if not condition:
                raise Mistake(f"{where}: `--.` without `--?`")
            flush()
            condition = None
        else:
            lines.append(line)
    if condition:
        raise Mistake(f"{name}.sql: `--?` without `--.`")
    flush()
    check(name, params, fragments)
    return params, fragments


def mask_of(where, params, names):
    mask = 0
    for name in filter(None, names):
        position = next((i for i, p in enumerate(params) if p[0] == name), None)
        if position is None or not params[position][2]:
            raise Mistake(f"{where}: '{name}' is not an optional parameter")
        mask |= 1 << position
    return mask


def stands_under(params, position, any_of):
    """Is an optional parameter sure to be given where it is used? The keys of a cursor come together."""
    if any_of == 1 << position:
        return True
    name = params[position][0]
    return name.startswith("cursor_") and any(any_of == 1 << i for i, p in enumerate(params) if p[0].startswith("cursor_"))


def check(name, params, fragments):
    if not fragments:
        raise Mistake(f"{name}.sql: no statement")
    if len(params) > MAX_PARAMS:
        raise Mistake(f"{name}.sql: more than {MAX_PARAMS} parameters")
    declared = {p[0]: i for i, p in enumerate(params)}
    if len(declared) != len(params):
        raise Mistake(f"{name}.sql: a parameter is declared twice")
    used = set()
    for text, any_of, _ in fragments:
        for param in used_params(text):
            if param not in declared:
                raise Mistake(f"{name}.sql: ':{param}' is not declared")
            position = declared[param]
            if params[position][2] and not stands_under(params, position, any_of):
                raise Mistake(f"{name}.sql: optional ':{param}' is used outside its own `--? {param}` block")
            used.add(param)
    conditions = {i for _, any_of, none_of in fragments for i in range(MAX_PARAMS) if (any_of | none_of) >> i & 1}
    for param, position in declared.items():
        if param not in used and position not in conditions:
            raise Mistake(f"{name}.sql: '{param}' is declared but not used")


def statement_c(name, params, fragments):
    symbol = "sql_" + re.sub(r"\W", "_", name)
    out = []
    if params:
        rows = "".join(f'    {{"{n}", "{t}", {str(o).lower()}}},\n' for n, t, o in params)
        out.append(f"static const struct db_param {symbol}_params[] = {{\n{rows}}};\n")
    rows = "".join(f"    {{{c_string(t)},\n     {a:#x}, {n:#x}}},\n" for t, a, n in fragments)
    out.append(f"static const struct db_fragment {symbol}_fragments[] = {{\n{rows}}};\n")
    out.append(f'const struct db_statement {symbol} = {{"{name}", {symbol + "_params" if params else "NULL"}, '
               f"{len(params)}, {symbol}_fragments, {len(fragments)}}};\n\n")
    return symbol, "".join(out)


def migration_c(path):
    text = path.read_text()
    digest = hashlib.sha256(text.encode()).hexdigest()
    version = int(path.stem.split("_")[0])
    return version, f'    {{{version}, "{path.stem}",\n     {c_string(text)},\n     "{digest}"}},\n'


def main():
    parser = argparse.ArgumentParser()
    for option in ("--sql", "--out-c", "--out-h", "--depfile"):
        parser.add_argument(option, required=True, type=pathlib.Path)
    options = parser.parse_args()
    queries, migrations = options.sql / "queries", options.sql / "migrations"
    parts = sorted(queries.rglob("_*.sql"))
    files = sorted(set(queries.rglob("*.sql")) - set(parts))
    sources, externs, symbols = [], [], []
    for path in files:
        name = path.relative_to(queries).with_suffix("").as_posix()
        symbol, text = statement_c(name, *parse(name, expand(queries, name, path.read_text())))
        symbols.append((name, symbol))
        sources.append(text)
        externs.append(f"extern const struct db_statement {symbol};\n")
    steps = [migration_c(path) for path in sorted(migrations.glob("*.sql"))]
    if [version for version, _ in steps] != list(range(1, len(steps) + 1)):
        raise Mistake("migrations must be numbered 0001, 0002, … without gaps")
    table = "".join(f"    &{symbol},\n" for _, symbol in sorted(symbols)) or "    NULL,\n"
    options.out_c.write_text(
        '// Generated by embed_sql.py.\n#include "statements.gen.h"\n#include "lib/db/migrate.h"\n\n' + "".join(sources) +
        f"const struct db_statement *const db_statements[] = {{\n{table}}};\n"
        f"const size_t db_statement_count = {len(symbols)};\n\n"
        f"const struct db_migration db_migrations[] = {{\n{''.join(s for _, s in steps) or '    {0},'}\n}};\n"
        f"const size_t db_migration_count = {len(steps)};\n")
    options.out_h.write_text(
        "// Generated by embed_sql.py: one constant for each file in sql/queries.\n#pragma once\n\n"
        '#include "lib/db/statement.h"\n\n' + "".join(externs))
    # The folders too: a new file changes its folder's time, so the target runs again.
    folders = [p for p in options.sql.rglob("*") if p.is_dir()]
    inputs = files + parts + sorted(migrations.glob("*.sql")) + folders + [pathlib.Path(__file__)]
    options.depfile.write_text(f"{options.out_c} {options.out_h}: {' '.join(map(str, inputs))}\n")


try:
    main()
except Mistake as mistake:
    sys.exit(f"embed_sql.py: {mistake}")
