"""Turns sql/queries/**.sql and sql/migrations/*.sql into C tables (see statement.h for the form of a file).

usage: embed_sql.py --sql DIR --out-c FILE --out-h FILE --depfile FILE
"""
import argparse
import hashlib
import pathlib
import re
import sys

MAX_PARAMS = 64
NAME = r"[a-z_][a-z0-9_]*"
PARAM = re.compile(rf"--\s*param:\s*({NAME})\s+([\w.]+(?:\(\d+(?:,\d+)?\))?(?:\[\])?)(\s+optional)?\s*(?:--.*)?$")
WRITES = re.compile(r"--\s*writes:\s*\S.*$")
CONDITION = re.compile(r"--\?\s*([\w|]+)?\s*(?:!([\w|]+))?\s*(?:&([\w|]+))?\s*$")
INCLUDE = re.compile(rf"--\+\s*((?:{NAME}/)*{NAME})\s*$")
FILE = re.compile(rf"(?:{NAME}/)*{NAME}$")
MIGRATION = re.compile(r"\d{4}_[a-z0-9_]+$")

# What stands in SQL, in PostgreSQL's order of recognition (chapter 4.1, Lexical Structure).
TOKEN = re.compile(
    r"""(?P<comment>--[^\n]*)
      | (?P<block>/\*)
      | (?P<literal>(?:\b[eE])'(?:[^'\\]|''|\\.)*' | '(?:[^']|'')*' | "(?:[^"]|"")*")
      | (?P<dollar>\$(?P<tag>(?:[A-Za-z_]\w*)?)\$.*?\$(?P=tag)\$)
      | (?P<number_param>\$\d+)
      | (?P<cast>::|:=)
      | :(?P<param>[A-Za-z_]\w*)
      | (?P<word>[A-Za-z_\u0080-\uffff][\w$]*)
      | (?P<open>['"] | \$(?:[A-Za-z_]\w*)?\$)
      | (?P<other>.)""",
    re.S | re.X,
)


class Mistake(Exception):
    pass


def read(path):
    """A file's text, in UTF-8 whatever the locale; a checkout may have given its lines other ends."""
    try:
        text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise Mistake(f"{path.name}: not UTF-8") from None
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
        raise Mistake(f"{path.name}: has a control character in it")
    return text


def c_string(text):
    """A C literal; one piece a line, so that the generated file can be read."""
    pieces = text.split("\n")
    lines = [p + "\n" for p in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])
    escaped = (p.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") for p in lines or [""])
    return "\n        ".join(f'"{p}"' for p in escaped)


def expand(queries, name, text):
    """Puts `--+ events/_filters` in place: the parameters of the part to the head, its text where the line stands."""
    head, body = [], []
    for line in text.splitlines():
        if not line.strip().startswith("--+"):
            body.append(line)
            continue
        match = INCLUDE.match(line.strip())
        part = match and queries / (match.group(1) + ".sql")
        if not part or not part.is_file() or not part.name.startswith("_"):
            raise Mistake(f"{name}.sql: `{line.strip()}` does not name a part (a file _name.sql in sql/queries)")
        lines = read(part).splitlines()
        if any(l.strip().startswith("--+") for l in lines):
            raise Mistake(f"{part.name}: a part cannot have parts")
        head += [l for l in lines if l.startswith("-- param:")]
        body += [l for l in lines if not l.startswith("-- param:")]
    return "\n".join(head + body) + "\n"


def block_comment_end(name, text, at):
    depth = 0
    for match in re.compile(r"/\*|\*/").finditer(text, at):
        depth += 1 if match.group() == "/*" else -1
        if depth == 0:
            return match.end()
    raise Mistake(f"{name}.sql: a comment is not closed (or holds a `--?` or `--.` line)")


def tokens(name, text):
    """(kind, text) of each token; a comment counts as a space."""
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        kind, end = match.lastgroup, match.end()
        if kind == "tag":
            kind = "dollar"
        if kind == "block":
            end = block_comment_end(name, text, at)
        if kind == "open":
            raise Mistake(f"{name}.sql: {match.group()} is not closed (or what it opens holds a `--?` or `--.` line)")
        if kind in ("comment", "block"):
            yield "other", " "
        else:
            yield kind, match.group("param") if kind == "param" else match.group()
        at = end


def clean(name, text):
    """A fragment without comments and blank lines, and the parameters it uses."""
    used, out = [], []
    for kind, token in tokens(name, text):
        if kind == "param":
            if not re.fullmatch(NAME, token):
                raise Mistake(f"{name}.sql: ':{token}': parameters are written in lower case")
            used.append(token)
            token = ":" + token
        elif kind == "number_param":
            raise Mistake(f"{name}.sql: '{token}': parameters have names here")
        out.append((kind, token))
    # Lines that hold nothing go, but not those of a literal.
    lines = [[]]
    for kind, token in out:
        if kind == "other" and token == "\n":
            lines.append([])
        else:
            lines[-1].append(token)
    kept = ("".join(l).rstrip(" ") for l in lines)
    return "".join(l + "\n" for l in kept if l.strip()), used


def parse(name, text):
    params, fragments, lines, condition = [], [], [], None
    in_head, writes = True, False

    def flush():
        body, used = clean(name, "\n".join(lines) + "\n" if lines else "")
        if body:
            fragments.append((body, used, *(condition or (0, 0, 0))))
        lines.clear()

    if not re.match(r"--\s+(?!param:|writes:|index:)\S", next((l for l in text.splitlines() if not PARAM.match(l)), "")):
        raise Mistake(f"{name}.sql: begins with a comment that says what it is for")
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        where = f"{name}.sql: `{stripped}`"
        if re.match(r"--\s*params?\b\s*:?", stripped) and (in_head or PARAM.match(stripped)):
            match = PARAM.match(stripped)
            if not match or not in_head:
                raise Mistake(f"{where}: expected `-- param: name type [optional] [-- meaning]`, before the statement")
            params.append((match.group(1), match.group(2), bool(match.group(3))))
            continue
        if in_head and re.match(r"--\s*writes\s*:", stripped):
            if not WRITES.match(stripped):
                raise Mistake(f"{where}: expected `-- writes: what it changes`")
            writes = True
            continue
        if stripped and not stripped.startswith("--"):
            in_head = False
        if stripped.startswith("--?"):
            match = CONDITION.match(stripped)
            if not match or not any(match.groups()) or condition:
                raise Mistake(f"{where}: expected `--? a|b`, `--? !a` or `--? a|b !c|d &e|f`, not inside another block")
            flush()
            condition = tuple(mask_of(where, params, (group or "").split("|")) for group in match.groups())
        elif stripped.startswith("--."):
            if stripped != "--." or not condition:
                raise Mistake(f"{where}: `--.` alone ends a block that `--?` began")
            flush()
            condition = None
        else:
            lines.append(line)
    if condition:
        raise Mistake(f"{name}.sql: `--?` without `--.`")
    flush()
    check(name, params, fragments)
    fragments = [(body, *masks) for body, _, *masks in fragments]
    if writes:
        # Where sql_only_reads looks for it.
        fragments[0] = ("/* writes */ " + fragments[0][0], *fragments[0][1:])
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
    for param, kind, optional in params:
        if kind == "flag" and not optional:
            raise Mistake(f"{name}.sql: '{param}': a flag is optional")
    used = set()
    for text, names, any_of, *_ in fragments:
        if any(token == ";" for kind, token in tokens(name, text) if kind == "other"):
            raise Mistake(f"{name}.sql: one statement, without a semicolon")
        for param in names:
            if param not in declared:
                raise Mistake(f"{name}.sql: ':{param}' is not declared")
            position = declared[param]
            if params[position][1] == "flag":
                raise Mistake(f"{name}.sql: ':{param}': a flag has no value")
            if params[position][2] and not stands_under(params, position, any_of):
                raise Mistake(f"{name}.sql: optional ':{param}' is used outside its own `--? {param}` block")
            used.add(param)
    conditions = {i for _, _, *masks in fragments for mask in masks for i in range(MAX_PARAMS) if mask >> i & 1}
    for param, position in declared.items():
        if param not in used and position not in conditions:
            raise Mistake(f"{name}.sql: '{param}' is declared but not used")


def symbol_of(name):
    return "sql_" + name.replace("/", "_")


def statement_c(name, params, fragments):
    symbol = symbol_of(name)
    out = []
    if params:
        rows = "".join(f'    {{"{n}", "{t}", {str(o).lower()}}},\n' for n, t, o in params)
        out.append(f"static const struct db_param {symbol}_params[] = {{\n{rows}}};\n")
    rows = "".join(f"    {{{c_string(t)},\n     {', '.join(f'{mask:#x}' for mask in masks)}}},\n" for t, *masks in fragments)
    out.append(f"static const struct db_fragment {symbol}_fragments[] = {{\n{rows}}};\n")
    out.append(f'const struct db_statement {symbol} = {{"{name}", {symbol + "_params" if params else "NULL"}, '
               f"{len(params)}, {symbol}_fragments, {len(fragments)}}};\n\n")
    return "".join(out)


def statements_c(queries, files):
    """The C of all statements, and their (name, symbol) in the order of db_statements."""
    sources, symbols = [], {}
    for path in files:
        name = path.relative_to(queries).with_suffix("").as_posix()
        if not FILE.match(name):
            raise Mistake(f"{name}.sql: file names are made of a-z, 0-9 and _")
        symbol = symbol_of(name)
        if symbol in symbols:
            raise Mistake(f"{name}.sql: its constant {symbol} is that of {symbols[symbol]}.sql")
        symbols[symbol] = name
        sources.append(statement_c(name, *parse(name, expand(queries, name, read(path)))))
    return "".join(sources), sorted((name, symbol) for symbol, name in symbols.items())


def migrations_c(paths):
    rows = []
    for number, path in enumerate(paths, 1):
        if not MIGRATION.match(path.stem) or int(path.stem[:4]) != number:
            raise Mistake(f"{path.name}: migrations are named 0001_name.sql, 0002_… without gaps; expected {number:04}_…")
        text = read(path)
        digest = hashlib.sha256(text.encode()).hexdigest()
        rows.append(f'    {{{number}, "{path.stem}",\n     {c_string(text)},\n     "{digest}"}},\n')
    return "".join(rows)


def main():
    parser = argparse.ArgumentParser()
    for option in ("--sql", "--out-c", "--out-h", "--depfile"):
        parser.add_argument(option, required=True, type=pathlib.Path)
    options = parser.parse_args()
    queries = options.sql / "queries"
    parts = sorted(queries.rglob("_*.sql"))
    files = sorted(set(queries.rglob("*.sql")) - set(parts))
    migrations = sorted((options.sql / "migrations").glob("*.sql"))
    sources, statements = statements_c(queries, files)
    steps = migrations_c(migrations)
    table = "".join(f"    &{symbol},\n" for _, symbol in statements) or "    NULL,\n"
    options.out_c.write_text(
        '// Generated by embed_sql.py.\n#include "statements.gen.h"\n#include "lib/db/migrate.h"\n\n' + sources +
        f"const struct db_statement *const db_statements[] = {{\n{table}}};\n"
        f"const size_t db_statement_count = {len(statements)};\n\n"
        f"const struct db_migration db_migrations[] = {{\n{steps or '    {0},'}\n}};\n"
        f"const size_t db_migration_count = {len(migrations)};\n", encoding="utf-8")
    options.out_h.write_text(
        "// Generated by embed_sql.py: one constant for each file in sql/queries.\n#pragma once\n\n"
        '#include "lib/db/statement.h"\n\n' +
        "".join(f"extern const struct db_statement {symbol};\n" for _, symbol in statements), encoding="utf-8")
    # The folders too: a new file changes its folder's time, so the target runs again.
    folders = [options.sql] + [p for p in options.sql.rglob("*") if p.is_dir()]
    inputs = files + parts + migrations + folders + [pathlib.Path(__file__)]
    escaped = " ".join(str(p).replace(" ", "\\ ") for p in inputs)
    options.depfile.write_text(f"{options.out_c} {options.out_h}: {escaped}\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except Mistake as mistake:
        sys.exit(f"embed_sql.py: {mistake}")
