"""Prints the names of the fuzz targets of this folder, sorted."""
import pathlib

for path in sorted(pathlib.Path(__file__).parent.glob("*_fuzz.c")):
    print(path.name.removesuffix("_fuzz.c"))
