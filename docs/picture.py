"""Takes the pictures of the README with Debian's Chromium: `make picture`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from web_of_tests.demo import ARTICLE, pressmark, service
from web_of_tests.newspaper import Newspaper

PICTURES = Path(__file__).parent / "pictures"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--hide-scrollbars",
)


def main() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is not installed: apt-get install chromium")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, Newspaper() as paper:
        environment = {**os.environ, "PRESSMARK_HOME": str(Path(directory) / "home"), "PRESSMARK_SPOOL__BALLAST": "0B"}
        with service(environment) as url:
            allow = ("--walk", "site", "--every", "1h", "--delay", "0s", "--allow-address", "127.0.0.0/8", "--yes")
            pressmark("add", f"{paper.url}/", "--name", "gazette", *allow, environment=environment)
            pressmark("run", "gazette", environment=environment)
            shots = {"overview": f"{url}/", "snapshot": f"{url}/snapshot/latest/{paper.url_of(ARTICLE)}"}
            for name, page in shots.items():
                target = PICTURES / f"{name}.png"
                profile = f"--user-data-dir={directory}/chromium"
                subprocess.run(
                    [chromium, *FLAGS, profile, "--window-size=1100,760", f"--screenshot={target}", page],
                    check=True,
                    timeout=60,
                )


if __name__ == "__main__":
    main()
