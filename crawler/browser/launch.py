"""Become Chromium without a network: ``python -m crawler.browser.launch READ WRITE PROGRAM ARGUMENTS…``.

READ and WRITE are inherited pipes, which Chromium expects as descriptors 3 and 4. It dies with its worker.
"""

from __future__ import annotations

import fcntl
import os
import resource
import sys

from archive.texts.confinement import deny_network
from archive.values.parent_death import die_with_parent


def main(read: int, write: int, command: list[str]) -> None:
    die_with_parent()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if problems := deny_network():
        sys.exit(f"the browser can't be kept from the network ({'; '.join(problems)})")
    above = [fcntl.fcntl(pipe, fcntl.F_DUPFD_CLOEXEC, 10) for pipe in (read, write)]  # 3 and 4 may be these themselves
    for pipe, expected in zip(above, (3, 4), strict=True):
        os.dup2(pipe, expected)
    os.execv(command[0], command)  # noqa: S606 -- no shell is wanted


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
