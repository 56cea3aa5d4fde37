"""A confined process reaches no network, no file and no process; the same code without confinement does."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import brotlicffi
import pytest

from archive.texts import confinement
from archive.texts.denied_calls import ARCHITECTURES
from archive.texts.frames import framed
from archive.texts.reading_process import ReadingProcess, wait_for

ATTEMPTS = {
    "connect": "import socket; socket.create_connection(('127.0.0.1', PORT))",
    "send a datagram": "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
    "pair of sockets": "import socket; socket.socketpair()",
    "read a file": "open(FILE).read()",
    "list a directory": "os.listdir(os.path.dirname(FILE))",
    "read an environment": "open('/proc/self/environ').read()",
    "write a file": "open(FILE + '.new', 'w')",
    "append to a file": "open(FILE, 'a')",
    "append by a descriptor": "os.open(FILE, os.O_RDWR)",
    "truncate a file": "os.truncate(FILE, 0)",
    "remove a file": "os.unlink(FILE)",
    "rename a file": "os.rename(FILE, FILE + '.old')",
    "change a mode": "os.chmod(FILE, 0o777)",
    "make a directory": "os.mkdir(FILE + '.d')",
    "make a link": "os.symlink(FILE, FILE + '.link')",
    "fork": "os._exit(0) if os.fork() == 0 else os.wait()",
    "execute": "os.execv('/bin/true', ['true'])",
    "run a command": "import subprocess; subprocess.run(['/bin/true'], check=True)",
    "signal another process": "os.kill(os.getppid(), 0)",
    "queue a signal for another process": "call(N['rt_sigqueueinfo'], os.getppid(), 0, siginfo)",
    "queue a signal for a thread of another process": (
        "call(N['rt_tgsigqueueinfo'], os.getppid(), os.getppid(), 0, siginfo)"
    ),
    "signal by a descriptor of a process": "call(N['pidfd_send_signal'], PIDFD, 0, None, 0)",
    "have a pipe signal another process": "fcntl.fcntl(1, 8, os.getppid())",  # F_SETOWN
    "choose the signal of a pipe": "fcntl.fcntl(1, 10, 9)",  # F_SETSIG
    "have a pipe signal another thread": "fcntl.fcntl(1, 15, struct.pack('ii', 1, os.getppid()))",  # F_SETOWN_EX
    "slow another process down": "os.setpriority(os.PRIO_PROCESS, os.getppid(), 0)",
    "slow all processes of the user down": "os.setpriority(os.PRIO_USER, os.getuid(), 0)",
    "move another process": "os.sched_setaffinity(os.getppid(), os.sched_getaffinity(0))",
    "schedule another process": "os.sched_setscheduler(os.getppid(), os.SCHED_OTHER, os.sched_param(0))",
    "read a queue of messages": "assert call(N['msgsnd'], QUEUE, b'12345678x', 1, 0o4000) == 0",
    "type into a terminal": "type_into_terminal()",
    "make a file in memory": "os.memfd_create('x')",
    "trace": "import ctypes; assert ctypes.CDLL(None).ptrace(0, 0, 0, 0) == 0",
    "limit another process": "import resource; resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)",
}
NEEDED = {
    "import late": "import colorsys, html.parser, sqlite3",
    "start a thread": "import threading; t = threading.Thread(target=print); t.start(); t.join()",
    "use memory": "bytes(100 << 20)",
    "read the clock": "import datetime; datetime.datetime.now().astimezone()",
    "write to its output": "print('x', flush=True)",
    "limit its own CPU": "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1000, resource.RLIM_INFINITY))",
    "random": "os.urandom(16)",
}
PROGRAM = """
import os, sys
FILE, PORT = sys.argv[1], int(sys.argv[2])
import fcntl, pty, socket, struct, subprocess, resource, ctypes, platform
from archive.texts.denied_calls import ARCHITECTURES
from archive.texts.frames import framed
N = ARCHITECTURES[platform.machine()].denied
libc = ctypes.CDLL(None, use_errno=True)
siginfo = ctypes.create_string_buffer(struct.pack("iii", 0, 0, -1), 128)
PIDFD = os.pidfd_open(os.getppid())
QUEUE = libc.msgget(0, 0o600)
MASTER, TERMINAL = pty.openpty()
def call(*arguments):
    if libc.syscall(*arguments) != 0:
        raise OSError(ctypes.get_errno(), "refused")
    return 0
def type_into_terminal():
    # Newer kernels refuse this to all; a filter refuses it before the kernel looks at its argument.
    assert libc.ioctl(TERMINAL, 0x5412, None) != -1 or ctypes.get_errno() != 1
import atexit
atexit.register(libc.msgctl, QUEUE, 0, None)
from archive.texts.confinement import confine
if sys.argv[3] == "confined":
    problems = confine()
    assert not problems, problems
try:
    exec(sys.argv[4])
except OSError as error:
    sys.stderr.write(type(error).__name__)
    sys.exit(42)
except AssertionError:
    sys.exit(42)
sys.exit(0)
"""

MISSING = confinement.missing()
needs_kernel = pytest.mark.skipif(bool(MISSING), reason="; ".join(MISSING) or "nothing is missing")


def tried(tmp_path: Path, how: str, what: str) -> int:
    import socket

    (tmp_path / "secret").write_text("words")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        command = [sys.executable, "-c", PROGRAM, str(tmp_path / "secret"), str(port), how, what]
        return subprocess.run(command, cwd=Path(__file__).parents[3], check=False, timeout=120).returncode


@needs_kernel
@pytest.mark.parametrize("what", ATTEMPTS.values(), ids=ATTEMPTS)
def test_a_confined_process_is_refused(tmp_path: Path, what: str) -> None:
    assert tried(tmp_path, "confined", what) == 42
    assert {file.name for file in tmp_path.iterdir()} == {"secret"}
    assert (tmp_path / "secret").read_text() == "words"
    assert tried(tmp_path, "free", what) == 0  # the control


@needs_kernel
@pytest.mark.parametrize("what", NEEDED.values(), ids=NEEDED)
def test_a_confined_process_can_do_what_reading_needs(tmp_path: Path, what: str) -> None:
    assert tried(tmp_path, "confined", what) == 0


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_no_call_has_two_names(architecture: str) -> None:
    numbers = list(ARCHITECTURES[architecture].denied.values())
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize(
    "architecture, header",
    [("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), ("aarch64", "/usr/include/asm-generic/unistd.h")],
)
def test_the_numbers_are_those_of_the_kernel(architecture: str, header: str) -> None:
    import re

    if not Path(header).exists():
        pytest.skip(f"{header} is not installed")
    found = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", Path(header).read_text()))
    known = ARCHITECTURES[architecture]
    named = {**known.denied, "openat": known.openat, "clone": known.clone, "tgkill": known.tgkill}
    named |= {"fcntl": known.fcntl, "ioctl": known.ioctl, "prlimit64": known.prlimit64, "clone3": 435, "openat2": 437}
    assert {name: int(found[name]) for name in named if name in found} == {
        name: number for name, number in named.items() if name in found
    }


def test_a_process_without_confinement_reaches_everything() -> None:
    assert [sentence.rpartition(" can ")[2] for sentence in confinement.reached()] == [
        "reach the network as this user",
        "read files as this user",
        "write files as this user",
        "start programs as this user",
    ]


@needs_kernel
def test_the_reader_child_is_confined_before_it_reads() -> None:
    child = ReadingProcess(1 << 30, 30, 30.0)
    try:
        child.ask(
            b'{"url": "http://a.example/", "content_type": "text/html", "content_encoding": "", "at": ""}', b"<p>x"
        )
        found: list[bytes] = []
        while not found:
            wait_for([child])
            found = child.step()
        status = Path(f"/proc/{child.pid}/status").read_text(encoding="ascii")
    finally:
        child.close()
    facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert (facts["NoNewPrivs"], facts["Seccomp"], facts["Threads"]) == ("1", "2", "1")


@needs_kernel
def test_a_page_is_read_when_the_packages_are_in_a_directory_that_a_pth_file_adds(tmp_path: Path) -> None:
    """As with `--system-site-packages`, `pip install --user`, or an environment made of several directories."""
    venv.create(tmp_path / "environment", symlinks=True)
    [packages] = (tmp_path / "environment").glob("lib/python3.*/site-packages")
    checkout = Path(confinement.__file__).parents[2]
    (packages / "others.pth").write_text(f"{checkout}\n{sysconfig.get_path('purelib')}\n")
    python = tmp_path / "environment" / "bin" / "python"
    command = [python, "-P", "-B", "-m", "archive.texts.reader_child", str(1 << 30), "30"]
    question = {"url": "http://a.example/", "content_type": "text/html", "content_encoding": "br", "at": None}
    asked = framed(json.dumps(question).encode()) + framed(brotlicffi.compress(b"<p>x"))
    done = subprocess.run(command, input=asked, capture_output=True, check=False, timeout=120)

    assert (done.returncode, done.stderr) == (0, b"")
    assert b'"state"' in done.stdout


@needs_kernel
@pytest.mark.parametrize("how", ["confined", "free"])
def test_of_a_directory_of_packages_only_the_packages_are_readable(tmp_path: Path, how: str) -> None:
    """As after `pip install --target DIRECTORY`, with the home inside."""
    for file, text in {
        "late/__init__.py": "from late import part",
        "late/part.py": "",
        "space/part.py": "",
        "single.py": "",
        "some.libs/library.so": "library",
        "some-1.dist-info/RECORD": "late/__init__.py,,\nspace/part.py,,\nsome-1.dist-info/RECORD,,\n../bin/some,,\n",
        "own/secrets/one": "words",
    }.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    needed = "import late, single, space.part; open(FOLDER + '/some.libs/library.so').read()"
    program = (
        "import sys; FOLDER, how = sys.argv[1:]; sys.path.append(FOLDER)\n"
        "from archive.texts.confinement import confine\n"
        f"assert how == 'free' or not confine()\n{needed}\n"
        "try: print(open(FOLDER + '/own/secrets/one').read())\nexcept PermissionError: print('refused')\n"
    )
    command = [sys.executable, "-B", "-c", program, str(tmp_path), how]
    done = subprocess.run(command, cwd=Path(__file__).parents[3], capture_output=True, check=False, timeout=120)

    assert (done.stdout.strip(), done.stderr) == (b"refused" if how == "confined" else b"words", b"")
