"""Prints the files below this folder that match a pattern, sorted, relative to it: meson has no glob of its own."""
import pathlib
import sys

here = pathlib.Path(__file__).parent
for path in sorted(here.glob(sys.argv[1])):
    print(path.relative_to(here))
