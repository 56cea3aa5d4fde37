"""Settings that a service hands to its processes: whole, from memory, and only to its own version."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from pressmark import __version__
from pressmark.service.handed_settings import OtherVersion, handed, packed, taken, unpacked

READ = """import sys
from pressmark.service.handed_settings import taken
settings = taken(int(sys.argv[1]))
print(settings.home, settings.token.get_secret_value(), settings.worker.name, settings.read_again().worker.name)"""


def test_a_process_takes_the_settings_that_were_read_before_their_file_changed(tmp_path: Path) -> None:
    file = tmp_path / "pressmark.yaml"
    file.write_text("token: a-secret-of-enough-letters\nworker: {name: first}\n", "utf-8")
    settings = load_settings({"home": tmp_path}, dotenv=None)
    with handed(settings) as descriptor:
        file.write_text("token: a-secret-of-enough-letters\nworker: {name: second}\n", "utf-8")
        command = [sys.executable, "-c", READ, str(descriptor)]
        output = [
            subprocess.run(
                command, pass_fds=[descriptor], check=True, capture_output=True, text=True, timeout=120
            ).stdout
            for _ in range(2)
        ]

    assert output == [f"{tmp_path} a-secret-of-enough-letters first second\n"] * 2


def test_settings_are_the_same_when_they_are_taken(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with handed(settings) as descriptor:
        assert taken(descriptor).model_dump() == settings.model_dump()
        assert Path(f"/proc/self/fd/{descriptor}").readlink().name.startswith("memfd:")


def test_settings_of_another_version_are_refused(tmp_path: Path) -> None:
    content = packed(Settings(home=tmp_path))
    older = content.replace(__version__.encode(), b"0.0.1", 1)

    assert unpacked(content).home == tmp_path
    with pytest.raises(OtherVersion, match=rf"runs Pressmark 0\.0\.1, but {__version__} is installed"):
        unpacked(older)
