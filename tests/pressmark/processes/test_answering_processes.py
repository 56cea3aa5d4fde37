"""What the service writes to the processes that answer beside it, with a shell in the place of such a process."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from services.waiting import until

from config.groups.service import Http
from config.settings import Settings
from pressmark.http.stage.frames import FramePages
from pressmark.processes.answering.messages import Greeting, Problems
from pressmark.processes.answering.parent import AnsweringProcesses
from pressmark.processes.serve import bound
from pressmark.service.handed_settings import handed

KEPT = "while [ ! -e {go} ]; do sleep 0.01; done; exec cat > {said}"


def test_a_change_that_finds_the_input_full_is_sent_once_the_process_reads(tmp_path: Path) -> None:
    go, said = tmp_path / "go", tmp_path / "said"
    settings = Settings(home=tmp_path, http=Http(processes=2))
    problems: dict[str, str | None] = {"clock": None}
    looks: list[Problems] = []

    def look() -> Problems:
        looks.append(dict(problems))
        return looks[-1]

    class Shells(AnsweringProcesses):
        def _command(self, ready: int) -> list[str]:
            return ["bash", "-c", KEPT.format(go=go, said=said)]

    def arrived() -> list[Problems]:
        lines = said.read_text().splitlines() if said.exists() else []
        return [json.loads(line)["problems"] for line in lines if '"problems"' in line and line.endswith("}")]

    async def live() -> int:
        with bound("127.0.0.1", 0) as listener, handed(settings) as file:
            others = Shells(settings, listener, Greeting("key", 1, {}), look, file)
            running = asyncio.create_task(others.run())
            try:
                await until(lambda: others._told)
                others.note_shown("frame", FramePages("/" + "a" * (4 << 20), None))
                await asyncio.sleep(0)
                problems["clock"] = "the clock stands"
                await until(lambda: looks[-2:] == [problems] * 2)  # each of these looks finds the input full
                go.touch()
                await until(lambda: problems in arrived())
                return len(arrived())
            finally:
                running.cancel()
                others.end()
                await others.stop(10)

    assert asyncio.run(live()) == 2


def test_a_greeting_shows_no_key() -> None:
    assert "a-key-that-nobody-may-see" not in repr(Greeting("a-key-that-nobody-may-see", 1, {}))
