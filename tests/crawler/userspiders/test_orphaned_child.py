"""The child of a user's spider dies with its worker, whatever its code does at that moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
from crawling.ownspiders import furnish
from crawling.site import serving
from services.waiting import eventually

TESTS = Path(__file__).parents[2]
HOLDING = """
import os
import re
import scrapy


class Holding(scrapy.Spider):
    name = "h"

    def __init__(self, base):
        super().__init__()
        self.start_urls = [base + "/tree/0"]

    def parse(self, response):
        open(os.environ["TMPDIR"] + "/mark", "w").close()
        re.match(r"(a+)+$", "a" * 60 + "b")  # in C, for centuries: no thread of this process runs meanwhile
"""
CRAWLS = """
import sys
from pathlib import Path
from crawling import ownspiders

ownspiders.SPIDERS = Path(sys.argv[2])
ownspiders.main("holding.py:Holding", *sys.argv[1:])
"""


def test_a_child_whose_code_lets_no_thread_run_dies_with_its_worker(tmp_path: Path) -> None:
    mark = tmp_path / "f.spider" / "mark"
    (tmp_path / "holding.py").write_text(HOLDING)
    with serving() as site:
        furnish(site)
        command = [sys.executable, "-c", CRAWLS, site.url, str(tmp_path)]
        worker = subprocess.Popen(
            command, cwd=TESTS, env={"PYTHONPATH": f"{TESTS}:{TESTS.parent}", "PATH": os.environ["PATH"]}
        )
        try:
            eventually(mark.exists, within=120)
            [child] = psutil.Process(worker.pid).children()
            worker.kill()
            worker.wait()
            try:
                eventually(lambda: not child.is_running(), within=30)
            finally:
                if child.is_running():
                    child.send_signal(signal.SIGKILL)
        finally:
            worker.kill()
            worker.wait()
