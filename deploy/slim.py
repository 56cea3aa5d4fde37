"""Make an installation smaller: ``python3 deploy/slim.py SITE_PACKAGES``. The image is built with it.

It removes what no process loads (see `UNNEEDED`), and the symbols for debuggers from extension modules. With
``--compile``, run by the Python of the installation, it writes bytecode for the modules that the service loads: the
others, a third of the whole, are compiled when they are imported.

A rule needs a reason. tests/test_slim_image.py tests that each still finds something, and that nothing is loaded of
what it finds.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

OURS = ("config", "extractor", "archive", "crawler", "scheduler", "pressmark")
_S3 = {"s3", "sts", "sso", "sso-oidc", "signin"}
"""The interfaces of AWS that a store needs: buckets, and the ways to a login."""
_SOURCES = {".c", ".h", ".cpp", ".hpp", ".pyx", ".pxd", ".pxi", ".pyi", ".f90", ".a", ".glade"}
_TESTS = {"test", "tests"}
_BY_NAME = ("uvicorn.lifespan.on", "uvicorn.loops.uvloop", "uvicorn.protocols.http.httptools_impl", "botocore.signers")
_BY_NAME += (
    "sqlalchemy.dialects.sqlite",
    "sqlalchemy.dialects.postgresql.psycopg",
    "scrapy.crawler",
    "boto3.s3.inject",
)
_BY_NAME += ("scrapy.core.engine", "scrapy.statscollectors", "botocore.parsers", "dateparser.languages.loader")
"""Modules that are loaded by a name in a string."""


def _interfaces(of: Path, kept: set[str]) -> Iterator[Path]:
    if of.is_dir():
        yield from (one for one in of.iterdir() if one.is_dir() and one.name not in kept)


def tests(packages: Path) -> Iterator[Path]:
    """Yield the tests of libraries."""
    for place, folders, _ in os.walk(packages):
        for name in _TESTS.intersection(folders):
            if Path(place) != packages:
                yield Path(place, name)
        folders[:] = [name for name in folders if name not in _TESTS]


def sources_of_extensions(packages: Path) -> Iterator[Path]:
    """Yield what extension modules were compiled from, and stubs for type checkers."""
    for place, _, files in os.walk(packages):
        yield from (Path(place, name) for name in files if Path(name).suffix in _SOURCES)


def interfaces_of_aws(packages: Path) -> Iterator[Path]:
    """Yield the descriptions of AWS services other than buckets."""
    yield from _interfaces(packages / "botocore" / "data", _S3)
    yield from _interfaces(packages / "boto3" / "data", {"s3"})
    yield packages / "boto3" / "examples"


def lexers(packages: Path) -> Iterator[Path]:
    """Yield the languages that Pygments colours: our output has none, and rich asks for it."""
    kept = {"__init__.py", "_mapping.py", "python.py", "special.py", "text.py"}
    yield from (one for one in (packages / "pygments" / "lexers").glob("*.py") if one.name not in kept)


def bills_of_materials(packages: Path) -> Iterator[Path]:
    """Yield the bills of materials of single wheels: `make sbom` writes that of the whole."""
    yield from packages.glob("*.dist-info/sboms")


def parts_of_libraries(packages: Path) -> Iterator[Path]:
    """Yield parts of libraries that no process of ours loads: a spider of a user that needs one adds it to an image."""
    for part in _PARTS:
        yield from packages.glob(part)


_PARTS = (
    "tzdata/zoneinfo",  # Debian has the same zones, which Python reads first
    "rapidfuzz/*_avx2.*.so",
    "rapidfuzz/distance/*_avx2.*.so",  # the same for newer processors: LCSseq is one function on 64 bits
    "numpy/_core/_simd.*.so",  # for the tests of NumPy
    "numpy/_core/_*_tests.*.so",
    "numpy/distutils",
    "numpy/f2py",
    "numpy/random",
    "numpy/fft",
    "numpy/polynomial",
    "numpy/testing",
    "fastwarc/*.so",  # Resiliparse reads WARC files with it; we use what it has for languages and encodings
    "zstandard/*_cffi*",  # for other Pythons than CPython
    "jsonschema/benchmarks",
    "lxml/objectify.*.so",
    "lxml/isoschematron",
    "lxml/html/_difflib.*.so",
    "lxml/html/diff.*.so",
    *(f"sqlalchemy/{part}" for part in ("orm", "testing", "dialects/mysql", "dialects/oracle", "dialects/mssql")),
    *(
        f"twisted/{part}"
        for part in ("conch", "mail", "names", "pair", "positioning", "runner", "spread", "trial", "words")
    ),
)

UNNEEDED = (tests, sources_of_extensions, interfaces_of_aws, lexers, bills_of_materials, parts_of_libraries)


def extensions(packages: Path) -> Iterator[Path]:
    """Yield the extension modules whose symbols are removed.

    Those with shared libraries in their wheel stay: its tools moved their segments, and `strip` could do so again.
    """
    for file in packages.rglob("*.so"):
        package = file.relative_to(packages).parts[0].partition(".")[0]
        if not (packages / f"{package}.libs").exists():
            yield file


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files of a directory."""
    return sum(one.stat().st_size for one in path.rglob("*") if one.is_file()) if path.is_dir() else path.stat().st_size


def remove(packages: Path) -> Iterator[tuple[str, int]]:
    """Remove what the rules find; yield each rule with the bytes that it freed."""
    for rule in UNNEEDED:
        found = [path for path in rule(packages) if path.exists()]
        yield rule.__name__, sum(map(size_of, found))
        for path in found:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def strip(packages: Path) -> int:
    """Remove the symbols of extension modules; return the bytes that this freed. Needs binutils."""
    freed = 0
    for file in extensions(packages):
        before, new = file.stat().st_size, file.with_name(f"{file.name}.stripped")
        subprocess.run(["strip", "--strip-unneeded", "-o", new, file], check=True)
        new.replace(file)  # not in place: the file may have other names
        freed += before - file.stat().st_size
    return freed


def loaded() -> Iterator[Path]:
    """Load all that is ours, and yield the file of each module that was loaded."""
    for package in OURS:
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if ".migrations" not in module.name and not module.name.endswith("__main__"):
                _load(module.name)
    for name in _BY_NAME:
        _load(name)
    for one in list(sys.modules.values()):
        if (file := getattr(one, "__file__", None)) and file.endswith(".py"):
            yield Path(file)


def _load(name: str) -> None:
    """Load a module, unless it needs a library that is installed for its sake alone, such as pyarrow."""
    try:
        importlib.import_module(name)
    except ImportError as error:
        if (error.name or "").partition(".")[0] in OURS:
            raise


def compile_loaded(packages: Path) -> int:
    """Write bytecode for all that is ours and for what is loaded; return for how many modules.

    It is not checked against its source: nothing changes in an image. Another process compiles: what this one has
    loaded would change the bytes.
    """
    files = {file for package in OURS for file in (packages / package).rglob("*.py")}
    files |= {file for file in loaded() if file.is_relative_to(packages)}
    command = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "-i", "-"]
    subprocess.run(command, input="".join(f"{file}\n" for file in sorted(files)), text=True, check=True)
    return len(files)


def main() -> None:
    packages = Path(sys.argv[-1]).resolve()
    if "--compile" in sys.argv:
        sys.stdout.write(f"compiled: {compile_loaded(packages)} modules\n")
        return
    for rule, freed in remove(packages):
        sys.stdout.write(f"{rule}: {freed / 1e6:.1f} MB\n")
    sys.stdout.write(f"symbols: {strip(packages) / 1e6:.1f} MB\n")


if __name__ == "__main__":
    main()
