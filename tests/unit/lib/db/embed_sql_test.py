"""The form of a statement's file: what is accepted, what it becomes, and which mistakes stop the build."""
import hashlib
import pathlib
import re
import subprocess
import sys

import pytest

SCRIPT = pathlib.Path(__file__).parents[4] / "src/lib/db/embed_sql.py"


class Tree:
    """A folder like sql/, and what the script makes of it."""

    def __init__(self, path):
        self.path = path
        self.sql = path / "sql"
        (self.sql / "queries").mkdir(parents=True)
        (self.sql / "migrations").mkdir()

    def put(self, name, text):
        path = self.sql / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def query(self, text, name="area/one"):
        self.put(f"queries/{name}.sql", text if isinstance(text, bytes) else "-- What it does.\n" + text)

    def run(self):
        out = [self.path / name for name in ("out.c", "out.h", "out.d")]
        command = [sys.executable, SCRIPT, "--sql", self.sql, "--out-c", out[0], "--out-h", out[1], "--depfile", out[2]]
        return subprocess.run(command, capture_output=True, text=True, env={"LC_ALL": "C", "PYTHONDONTWRITEBYTECODE": "1"})

    def build(self):
        result = self.run()
        assert result.returncode == 0, result.stderr
        return (self.path / "out.c").read_text()

    def mistake(self):
        result = self.run()
        assert result.returncode == 1 and "Traceback" not in result.stderr, result.stderr
        return result.stderr.strip()


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


def literals(c, symbol):
    """The texts of a statement's fragments, with their masks."""
    body = re.search(symbol + r"_fragments\[\] = \{\n(.*?)\n\};", c, re.S).group(1)
    found = []
    for texts, *masks in re.findall(r'\{((?:"(?:[^"\\]|\\.)*"\s*)+),\s*(0x\w+), (0x\w+), (0x\w+)\}', body):
        pieces = re.findall(r'"((?:[^"\\]|\\.)*)"', texts)
        text = "".join(pieces).replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")
        found.append((text, *(int(mask, 16) for mask in masks)))
    return found


def test_a_condition_has_up_to_three_parts(tree):
    tree.query("-- param: after int optional\n-- param: rising flag optional\n-- param: falling flag optional\n"
               "select id from t where true\n--? after !falling &rising\nand id > :after\n--.\n--? rising &after|falling\n"
               "order by id\n--.\n")
    assert literals(tree.build(), "sql_area_one") == [
        ("select id from t where true\n", 0, 0, 0), ("and id > :after\n", 1, 4, 2), ("order by id\n", 2, 0, 5)]


def test_a_statement_becomes_a_constant(tree):
    tree.query("-- param: city text optional -- where\n-- param: limit int\n-- index: some_idx\n"
               "select id from t where true\n--? city\nand city = :city::text\n--.\n--? !city\nand city is null\n--.\n"
               "limit :limit\n", "events/list_events")
    c = tree.build()
    assert literals(c, "sql_events_list_events") == [
        ("select id from t where true\n", 0, 0, 0), ("and city = :city::text\n", 1, 0, 0),
        ("and city is null\n", 0, 1, 0), ("limit :limit\n", 0, 0, 0)]
    assert '{"city", "text", true},\n    {"limit", "int", false},' in c
    assert 'sql_events_list_events = {"events/list_events"' in c
    assert "extern const struct db_statement sql_events_list_events;" in (tree.path / "out.h").read_text()


def test_an_empty_folder_is_fine(tree):
    c = tree.build()
    assert "db_statement_count = 0" in c and "db_migration_count = 0" in c


def test_statements_are_sorted_as_bytes(tree):
    for name in ("b_c/a", "b/z", "b/c_d", "a/z"):
        tree.query("select 1 as n\n", name)
    c = tree.build()
    table = re.search(r"db_statements\[\] = \{\n(.*?)\};", c, re.S).group(1)
    assert re.findall(r"&(\w+)", table) == ["sql_a_z", "sql_b_c_d", "sql_b_z", "sql_b_c_a"]


def test_comments_go_and_literals_stay(tree):
    tree.query("select ':no -- not' as a, /* :gone /* nested */ :gone */ \"odd--name\" as b, -- :gone too\n"
               "  E'\\':no' as c, $$ :no -- no $$ as d,\n\n  'two\n\n-- lines' as e\n")
    [(text, _, _)] = literals(tree.build(), "sql_area_one")
    assert text == ("select ':no -- not' as a,   \"odd--name\" as b,\n  E'\\':no' as c, $$ :no -- no $$ as d,\n"
                    "  'two\n\n-- lines' as e\n")


def test_text_that_c_would_change_survives(tree):
    tree.query("select 'back\\slash \"quote\" tab\t Zürich ??= %s' as a\n")
    [(text, _, _)] = literals(tree.build(), "sql_area_one")
    assert "back\\slash \"quote\" tab\\t Zürich ??= %s" in text


def test_a_part_is_put_in_place(tree):
    tree.put("queries/events/_filters.sql", "-- Filters.\n-- param: city text optional\n--? city\nand city = :city\n--.\n")
    tree.query("-- param: limit int\nselect 1 as n where true\n--+ events/_filters\nlimit :limit\n", "events/list")
    c = tree.build()
    assert [f[0] for f in literals(c, "sql_events_list")] == [
        "select 1 as n where true\n", "and city = :city\n", "limit :limit\n"]
    assert "_filters" not in c


def test_a_condition_may_name_several(tree):
    tree.query("-- param: a int optional\n-- param: b int optional\n-- param: c flag optional\n"
               "select 1 as n\n--? a|b !c\n, 2 as m\n--.\n--? a\n, :a as a\n--.\n--? b\n, :b as b\n--.\n")
    assert literals(tree.build(), "sql_area_one")[1] == (", 2 as m\n", 3, 4)


def test_a_statement_that_writes_is_marked(tree):
    tree.query("-- writes: everything\nselect change() as n\n")
    assert literals(tree.build(), "sql_area_one") == [("/* writes */ select change() as n\n", 0, 0, 0)]


def test_migrations_keep_their_text_and_its_digest(tree):
    text = "-- a comment stays\ncreate table \"T\"(n int);\n\n\tinsert into t values ('\\n');\n"
    tree.put("migrations/0001_first.sql", text)
    tree.put("migrations/0002_second.sql", b"select 1;\r\nselect 2;\r\n")
    c = tree.build()
    assert hashlib.sha256(text.encode()).hexdigest() in c
    # What another checkout makes of the ends of lines changes nothing.
    assert hashlib.sha256(b"select 1;\nselect 2;\n").hexdigest() in c
    assert '{2, "0002_second",' in c


def test_everything_that_matters_is_watched(tree):
    tree.query("select 1 as n\n", "events/one")
    tree.put("queries/events/_part.sql", "-- A part.\n")
    tree.build()
    watched = (tree.path / "out.d").read_text()
    for name in ("sql ", "sql/queries ", "sql/migrations ", "sql/queries/events ", "events/one.sql", "_part.sql", "embed_sql.py"):
        assert name in watched + " ", name


@pytest.mark.parametrize("text, words", [
    ("select :nobody as n\n", "':nobody' is not declared"),
    ("-- param: a int\nselect 1 as n\n", "'a' is declared but not used"),
    ("-- param: a int\n-- param: a text\nselect :a as n\n", "declared twice"),
    ("-- param: a int optional\nselect :a as n\n", "used outside its own"),
    ("-- param: a int optional\n-- param: b int optional\nselect 1 as n\n--? a|b\n, :a as a\n--.\n", "used outside its own"),
    ("-- param: a int optional\nselect 1 as n\n--? a\n, :a as a\n", "without `--.`"),
    ("-- param: a int optional\nselect 1 as n\n--.\n", "ends a block"),
    ("-- param: a int optional\nselect 1 as n\n--? a\n--? a\n, :a as a\n--.\n", "not inside another block"),
    ("select 1 as n\n--?\n, 2 as m\n--.\n", "expected `--? a|b`"),
    ("-- param: a int\nselect 1 as n\n--? a\n, :a as a\n--.\n", "'a' is not an optional parameter"),
    ("select 1 as n\n--? b\n, 2 as a\n--.\n", "'b' is not an optional parameter"),
    ("-- param: a\nselect :a as n\n", "expected `-- param: name type"),
    ("-- param a int\nselect :a as n\n", "expected `-- param: name type"),
    ("-- params: a int\nselect :a as n\n", "expected `-- param: name type"),
    ("-- param: Big int\nselect :Big as n\n", "expected `-- param: name type"),
    ("select 1 as n\n-- param: a int\n, :a as a\n", "before the statement"),
    ("-- param: a int\nselect :A as n\n", "lower case"),
    ("-- param: a int\nselect $1::int + :a as n\n", "parameters have names here"),
    ("-- param: a flag\nselect 1 as n\n", "a flag is optional"),
    ("-- param: a flag optional\nselect 1 as n\n--? a\n, :a as a\n--.\n", "a flag has no value"),
    ("select 1 as n; select 2 as m\n", "without a semicolon"),
    ("select 1 as n;\n", "without a semicolon"),
    ("select 'open as n\n", "is not closed"),
    ("select \"open as n\n", "is not closed"),
    ("select $$open as n\n", "is not closed"),
    ("select 1 /* open as n\n", "is not closed"),
    ("-- param: a int optional\nselect 'a\n--? a\n' || :a as n\n--.\n", "is not closed"),
    ("-- writes:\nselect f() as n\n", "expected `-- writes: what it changes`"),
    ("--+ no/_such\nselect 1 as n\n", "does not name a part"),
    ("-- only comments\n", "no statement"),
    ("".join(f"-- param: p{i} int\n" for i in range(65)) + "select 1 as n\n", "more than 64"),
])
def test_mistakes_stop_the_build(tree, text, words):
    tree.query(text)
    message = tree.mistake()
    assert "area/one.sql" in message and words in message


def test_a_file_says_what_it_is_for(tree):
    tree.put("queries/area/one.sql", "select 1 as n\n")
    assert "what it is for" in tree.mistake()
    tree.put("queries/area/one.sql", "-- param: a int\nselect :a as n\n")
    assert "what it is for" in tree.mistake()


@pytest.mark.parametrize("name, text, words", [
    ("queries/Area/one.sql", "-- X.\nselect 1 as n\n", "a-z, 0-9 and _"),
    ("queries/area/one-two.sql", "-- X.\nselect 1 as n\n", "a-z, 0-9 and _"),
    ("queries/area/one.sql", b"-- X.\nselect '\xff' as n\n", "not UTF-8"),
    ("queries/area/one.sql", b"-- X.\nselect '\x00' as n\n", "control character"),
    ("migrations/0002_late.sql", "select 1", "without gaps"),
    ("migrations/1_short.sql", "select 1", "0001_name.sql"),
    ("migrations/0001-dash.sql", "select 1", "0001_name.sql"),
])
def test_odd_files_stop_the_build(tree, name, text, words):
    tree.put(name, text)
    assert words in tree.mistake()


def test_two_migrations_cannot_have_one_number(tree):
    tree.put("migrations/0001_a.sql", "select 1")
    tree.put("migrations/0001_b.sql", "select 2")
    assert "0001_b.sql" in tree.mistake()


def test_two_files_cannot_have_one_constant(tree):
    tree.query("select 1 as n\n", "a/b_c")
    tree.query("select 1 as n\n", "a_b/c")
    assert "sql_a_b_c" in tree.mistake()


def test_what_is_in_the_repository_is_fine(tree):
    sql = SCRIPT.parents[3] / "sql"
    tree.sql = sql
    assert tree.build().count("const struct db_statement sql_") == len(
        [p for p in (sql / "queries").rglob("*.sql") if not p.name.startswith("_")])
