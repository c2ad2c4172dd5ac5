"""Prints the unit test programs, sorted, relative to this folder."""
import pathlib

here = pathlib.Path(__file__).parent
for path in sorted((here / "unit").rglob("*_test.c")):
    print(path.relative_to(here))
