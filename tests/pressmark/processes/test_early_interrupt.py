from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

CHILD = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where whoever runs the tests is in the background
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "pressmark.cli.runtime":
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
from pressmark.cli import main
main(["runs", "list"])
"""


def test_ctrl_c_during_the_imports_of_a_command_shows_no_traceback(tmp_path: Path) -> None:
    environment = {**os.environ, "PRESSMARK_HOME": str(tmp_path)}
    command = [sys.executable, "-c", CHILD]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert (ended.returncode, ended.stderr) == (128 + signal.SIGINT, "")
