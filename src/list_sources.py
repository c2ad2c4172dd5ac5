"""Prints the C files below a folder of src, sorted: meson has no glob of its own."""
import pathlib
import sys

here = pathlib.Path(__file__).parent
for path in sorted((here / sys.argv[1]).rglob("*.c")):
    print(path.relative_to(here))
