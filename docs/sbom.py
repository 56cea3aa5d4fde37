"""Write the bill of materials of the service to standard output: CycloneDX 1.6 in JSON, made from its lock.

    python docs/sbom.py [LOCK]

Only what the lock installs on this platform is in it. The same lock gives the same bytes.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent


def installed_here(lock: str) -> Iterator[str]:
    """Yield the entries of a lock, with their hashes, that apply to this platform."""
    for entry in re.split(r"\n(?=[a-z0-9])", lock.strip()):
        requirement = Requirement(entry.partition("\\")[0])
        if requirement.marker is None or requirement.marker.evaluate():
            yield entry.replace(f" ; {requirement.marker}", "") if requirement.marker else entry


def main(lock: Path) -> int:
    entries = "\n".join(installed_here(lock.read_text("utf-8")))
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--pyproject", str(ROOT / "pyproject.toml")]
    command += ["--output-reproducible", "--of", "JSON", "--validate", "-"]
    return subprocess.run(command, input=entries.encode(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "requirements.lock"))
