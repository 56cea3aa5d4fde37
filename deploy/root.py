"""Make the file system of the image of the service: ``python deploy/root.py DIRECTORY``. The image is built with it.

It copies the files of the Debian packages that Python and the libraries need from a Debian in which they are installed,
with their licences. No shell, no package manager and no Perl are among them. Bytecode is written for the modules of
the standard library that the service loads. Run by the Python of the installation.

`/var/lib/dpkg/status.d` names the packages with their versions, as in distroless images: scanners of vulnerabilities
read it. tests/journeys/test_container.py tests that a container of the image works, and that each file is one that
Debian installed.
"""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

_PYTHON = f"python3.{sys.version_info.minor}"
PACKAGES = (
    "base-files",
    "gcc-14-base",  # the licence of the two libraries of GCC
    "libbz2-1.0",
    "libc6",
    "libc-bin",  # the locale C.UTF-8
    "libexpat1",
    "libffi8",
    "libgcc-s1",
    "liblzma5",
    f"lib{_PYTHON}-minimal",
    f"lib{_PYTHON}-stdlib",
    "libsqlite3-0",
    "libssl3t64",
    "libstdc++6",
    "libuuid1",
    "libzstd1",
    "media-types",
    "netbase",
    "openssl-provider-legacy",
    "python3-minimal",
    f"{_PYTHON}-minimal",
    "tzdata",
    "zlib1g",
    "ca-certificates",
)
"""Those that the service needs; `missing` names the libraries that none of them has."""
_LICENCES = re.compile(r"/usr/share/doc(/[^/]+(/copyright)?)?")
_LEFT_OUT = (
    "/usr/share/doc/*",
    "/usr/share/man/*",
    "/usr/share/info/*",
    "/usr/share/locale/*",
    "/usr/share/lintian*",
    "/usr/share/bug*",
    "/usr/share/python3*",  # writes bytecode for packages of Debian
    "/usr/share/perl5*",
    "/usr/lib/valgrind*",
    "*/gconv*",  # for iconv: Python has codecs of its own, libxml2 of lxml has them built in
    "*/libmemusage.so",
    "*/libpcprofile.so",
    "*/libmvec.so*",
    "*/libc_malloc_debug.so.0",
    "/etc/alternatives*",
    "/etc/cron*",
    "/etc/update-motd.d*",
    f"/usr/lib/{_PYTHON}/pydoc_data/*",
    f"/usr/lib/{_PYTHON}/test/*",
    f"/usr/lib/{_PYTHON}/turtle.py",
    *(f"/usr/lib/{_PYTHON}/lib-dynload/{name}*" for name in ("_test", "xx", "_dbm", "readline", "_curses")),
)
"""What no process of the service opens, as patterns of paths."""
_PROGRAMS = {"/usr/bin/python3", f"/usr/bin/{_PYTHON}"}
_WRITTEN = ("/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/ssl", "/etc/localtime", "/etc/timezone")
"""What the installation of packages wrote, and no package contains."""


def _said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def is_kept(path: str) -> bool:
    """Return whether a file that Debian installed is in the image."""
    if "/bin/" in path or "/sbin/" in path:
        return path in _PROGRAMS
    return _LICENCES.fullmatch(path) is not None or not any(fnmatchcase(path, one) for one in _LEFT_OUT)


def copy(path: Path, root: Path) -> None:
    """Copy a file, a link or a directory without its content, with its mode and times."""
    made = root / path.relative_to("/")
    if path.is_symlink():
        if not made.is_symlink():
            made.symlink_to(path.readlink())
    elif path.is_dir():
        made.mkdir(exist_ok=True)
        shutil.copystat(path, made)
    elif path.exists():  # dpkg leaves out what its configuration excludes, such as manuals
        shutil.copy2(path, made)


def fill(root: Path) -> None:
    """Copy what is kept of the packages, and what their installation wrote."""
    root.mkdir(mode=0o755)
    for package in PACKAGES:
        for path in _said("dpkg-query", "-L", package).splitlines():
            if path.startswith("/") and path != "/." and is_kept(path):
                copy(Path(path), root)
        noted = root / "var" / "lib" / "dpkg" / "status.d" / package
        noted.parent.mkdir(parents=True, exist_ok=True)
        noted.write_text(_said("dpkg-query", "-s", package))
    for written in map(Path, _WRITTEN):
        for path in (written, *sorted(written.rglob("*"))):
            copy(path, root)


def compile_loaded(root: Path) -> int:
    """Write bytecode for the modules of the standard library that the service loads; return for how many."""
    slim = runpy.run_path(str(Path(__file__).with_name("slim.py")))
    library = Path(sysconfig.get_path("stdlib"))
    files = sorted({root / file.relative_to("/") for file in slim["loaded"]() if file.is_relative_to(library)})
    command = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    command += ["-s", str(root), "-p", "/", "-i", "-"]
    subprocess.run(command, input="".join(f"{file}\n" for file in files), text=True, check=True)
    return len(files)


def missing(root: Path, installed: Path) -> Iterator[str]:
    """Yield each shared library that a file of the image or of the installation needs and Debian does not give it.

    The rest is what wheels carry beside their modules.
    """
    there = {file.name for place in (root, installed) for file in place.rglob("*.so*")}
    for place in (root, installed):
        for file in place.rglob("*"):
            if file.is_file() and not file.is_symlink() and (".so" in file.name or file.parent.name == "bin"):
                for line in _said("objdump", "-p", str(file)).splitlines() if _is_elf(file) else ():
                    if line.startswith("  NEEDED") and line.split()[1] not in there:
                        yield f"{file}: {line.split()[1]}"


def _is_elf(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(4) == b"\x7fELF"


def main() -> None:
    root = Path(sys.argv[1])
    fill(root)
    compiled = compile_loaded(root)
    lacks = sorted(missing(root, Path(sys.prefix)))
    size = sum(file.lstat().st_size for file in root.rglob("*") if not file.is_dir())
    sys.stdout.write(f"{len(PACKAGES)} packages of Debian, {size / 1e6:.1f} MB, {compiled} modules compiled\n")
    if lacks:
        sys.exit("No package of the image has these shared libraries:\n" + "\n".join(lacks))


if __name__ == "__main__":
    main()
