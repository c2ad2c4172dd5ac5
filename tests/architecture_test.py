"""The rules of the house that a compiler does not check: who may include whom, what is banned, how long files are,
how dependencies are listed. Needs nothing running; the last tests look at the release binary when it is built."""
import ast
import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
SRC = ROOT / "src"
LONGEST_FILE = 700
GENERATED = {"statements.gen.h", "schemas.gen.h", "data.gen.h"}


def meson_list(name):
    text = (SRC / "meson.build").read_text()
    return re.findall(r"'([^']+)'", re.search(rf"^{name} = \[(.*?)\]", text, re.S | re.M)[1])


LIBRARIES, SERVICES = meson_list("libraries"), meson_list("services")


def c_files(folder=SRC):
    return sorted(path for path in folder.rglob("*.[ch]"))


def tree_files():
    """Every text file of the checkout that is not built."""
    for folder, names, files in os.walk(ROOT):
        names[:] = sorted(n for n in names if n not in (".git", "build", "node_modules", "__pycache__", ".pytest_cache"))
        for name in sorted(files):
            yield pathlib.Path(folder) / name


def code_of(path):
    """The file's code with comments and literals blanked out, so that only names remain."""
    pattern = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, lambda found: re.sub(r"[^\n]", " ", found[0]), path.read_text(), flags=re.S)


def room_of(path):
    parts = path.relative_to(SRC).parts
    return parts[1] if parts[0] == "lib" else parts[0]


def includes_of(path):
    return re.findall(r'^\s*#\s*include\s+"([^"]+)"', path.read_text(), re.M)


def may_include(room, included):
    """May a file of this room include this path (as written, relative to src)?"""
    parts = included.split("/")
    if included in GENERATED:
        return True
    if room == "main.c":
        return parts[0] in ("cli", "lib")
    if parts[0] == "lib":
        if room in LIBRARIES:
            return LIBRARIES.index(parts[1]) <= LIBRARIES.index(room)
        return True
    if parts[0] == room:
        return True
    return room == "cli" and parts[0] in SERVICES and parts[1:] == ["service.h"]


def test_every_room_is_in_the_list():
    rooms = {path.name for path in (SRC / "lib").iterdir() if path.is_dir()}
    assert rooms <= set(LIBRARIES)
    assert {path.name for path in SRC.iterdir() if path.is_dir()} <= {"lib", *SERVICES}


def test_includes_follow_the_layers():
    wrong = [f"{path.relative_to(ROOT)} includes {included}" for path in c_files() for included in includes_of(path)
             if not may_include(room_of(path), included)]
    assert wrong == []


def test_the_layer_rule_itself():
    assert may_include("http", "lib/base/slice.h") and not may_include("base", "lib/http/server.h")
    assert not may_include("api", "processor/service.h") and not may_include("processor", "extractor/page/html.h")
    assert may_include("cli", "api/service.h") and not may_include("cli", "api/routes/events.h")


def test_includes_name_the_full_path():
    wrong = [f"{path.relative_to(ROOT)} includes {included}" for path in c_files() for included in includes_of(path)
             if included not in GENERATED and not (SRC / included).is_file()]
    assert wrong == []


BANNED = ("strcpy", "strcat", "sprintf", "vsprintf", "strtok", "strtok_r", "gmtime", "localtime", "ctime", "asctime", "gets",
          "tmpnam", "mktemp")


def test_no_banned_functions():
    pattern = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(BANNED))
    wrong = []
    for path in c_files() + c_files(ROOT / "tests"):
        for number, line in enumerate(code_of(path).split("\n"), 1):
            if found := pattern.search(line):
                wrong.append(f"{path.relative_to(ROOT)}:{number} {found[1]}")
    assert wrong == []


def test_what_is_cleaned_up_is_initialised_first():
    """A variable with CLEANUP and no value must get one before anything can leave its scope."""
    wrong = []
    for path in c_files():
        lines = path.read_text().split("\n")
        for number, line in enumerate(lines):
            for name in re.findall(r"(\w+) CLEANUP\(\w+\)[,;]", line):
                rest = iter(lines[number + 1:])
                before = []
                for following in rest:
                    if re.search(rf"_init\(&{name}\b", following):
                        break
                    before.append(following)
                if any(re.search(r"\breturn\b|\bgoto\b|^\}", text) for text in before):
                    wrong.append(f"{path.relative_to(ROOT)}:{number + 1} {name}")
    assert wrong == []


def test_files_are_short():
    lengths = {str(path.relative_to(ROOT)): path.read_text().count("\n") for path in c_files()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_notes_to_self():
    pattern = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    wrong = [f"{path.relative_to(ROOT)}:{number}" for path in c_files()
             for number, line in enumerate(path.read_text().split("\n"), 1) if pattern.search(line)]
    assert wrong == []


def test_headers_have_a_guard_and_a_description():
    for path in SRC.rglob("*.h"):
        text = path.read_text()
        assert "#pragma once" in text, path
        assert text.startswith(("//", "/*")), f"{path} does not say what it is for"


def test_formatted():
    if not shutil.which("clang-format"):
        pytest.skip("clang-format is not installed")
    files = [str(path) for folder in ("src", "tests", "bench") for path in c_files(ROOT / folder)]
    done = subprocess.run(["clang-format", "--dry-run", "--Werror", *files], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[:4000]


def test_scripts_and_python_parse():
    for path in tree_files():
        if path.suffix == ".py":
            ast.parse(path.read_text(), str(path))
        elif path.parent.name in ("script", ".ci"):
            done = subprocess.run(["bash", "-n", str(path)], capture_output=True, text=True)
            assert done.returncode == 0, done.stderr


def packages(name):
    lines = (ROOT / "deps" / f"{name}.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("name", ["build", "run", "test"])
def test_package_lists_are_one_a_line_and_sorted(name):
    names = packages(name)
    assert names and names == sorted(set(names))
    assert [n for n in names if not re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", n)] == []


def test_no_registry_is_named():
    """Which mirror a package comes from is the machine's business."""
    hosts = ["deb.debian" + ".org", "security.debian" + ".org", "pypi" + ".org", "files.pythonhosted" + ".org",
             "registry.npmjs" + ".org", "registry.yarnpkg" + ".com", "crates" + ".io", "proxy.golang" + ".org"]
    wrong = []
    for path in tree_files():
        if path.is_symlink() or path.stat().st_size > 4_000_000:
            continue
        data = path.read_bytes()
        wrong += [f"{path.relative_to(ROOT)}: {host}" for host in hosts if host.encode() in data]
    assert wrong == []


def release_binary():
    binary = ROOT / "build" / "release" / "eventd"
    for candidate in (pathlib.Path(os.environ.get("EVENTD_BINARY", binary)), binary, ROOT / "build/release/src/eventd"):
        if candidate.is_file():
            return candidate
    pytest.skip("eventd is not built")


def test_needed_libraries_are_listed_packages():
    """What the program is linked with comes from deps/run.txt (the C library is part of every Debian)."""
    binary = release_binary()
    if not shutil.which("dpkg-query"):
        pytest.skip("not a Debian system")
    table = subprocess.run(["readelf", "-d", str(binary)], capture_output=True, text=True, check=True).stdout
    needed = re.findall(r"\(NEEDED\).*\[([^\]]+)\]", table)
    paths = dict(re.findall(r"^\s*(\S+) => (\S+)", subprocess.run(["ldd", str(binary)], capture_output=True, text=True,
                                                                 check=True).stdout, re.M))
    listed, wrong = {*packages("run"), "libc6", "libgcc-s1"}, []
    assert needed
    for library in needed:
        if library.startswith(("libasan", "libubsan", "libtsan", "ld-linux")):
            continue
        owner = owner_of(pathlib.Path(paths[library]))
        if owner not in listed:
            wrong.append(f"{library} is in {owner}")
    assert wrong == []


def owner_of(path):
    """The package a library file belongs to; /lib and /usr/lib are one folder, but dpkg knows only one name."""
    real = path.resolve()
    for candidate in (real, pathlib.Path(str(real).removeprefix("/usr")), path):
        found = subprocess.run(["dpkg-query", "-S", str(candidate)], capture_output=True, text=True)
        if found.returncode == 0:
            return found.stdout.split(":")[0]
    return f"no package ({path})"
