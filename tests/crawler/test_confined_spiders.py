"""A confined spider crawls as any other, and reaches nothing but its own files and its worker."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path
from typing import Literal

import pytest
from crawling.crawls import Run, archiving, events
from crawling.ownspiders import SPIDERS, furnish, items_in, own_source
from crawling.site import serving
from services.full_landlock import without_landlock

from archive.texts import confinement
from config.groups.permissions import Permissions
from crawler.policy.shared import ChildLimits
from crawler.userspiders.ledger import Ledger, PendingOutput
from crawler.userspiders.usability_check import why_not_usable

MISSING = confinement.missing()
pytestmark = pytest.mark.skipif(bool(MISSING), reason="; ".join(MISSING) or "nothing is missing")

ATTEMPTS = {
    "connect": "socket.create_connection(('127.0.0.1', {port}))",
    "send a datagram": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
    "read a secret": "open('{secret}').read()",
    "list the directory of secrets": "os.listdir(os.path.dirname('{secret}'))",
    "read the environment of the worker": "open(f'/proc/{{os.getppid()}}/environ').read()",
    "change a secret": "open('{secret}', 'a').close()",
    "change its own code": "open(__file__, 'a').close()",
    "run a program": "subprocess.run(['/bin/true'], check=True)",
    "read the frontier of another run": "open('{other}').read()",
    "change the frontier of another run": "open('{other}', 'a').close()",
    "remove the frontier of another run": "os.rename('{other}', '{other}')",
    "write beside its own directory": "open(os.path.dirname('{other}') + '/new', 'w').close()",
    "fork": "os.fork() or os._exit(0)",
    "signal the worker": "os.kill(os.getppid(), 0)",
}
SPIDER = """
import os, socket, subprocess, tempfile
import scrapy
ATTEMPTS = {attempts!r}

def tried(code):
    try:
        exec(code, globals())
    except OSError:
        return "refused"
    return "reached"

class Bad(scrapy.Spider):
    name = "b"
    def __init__(self, base):
        super().__init__()
        self.start_urls = [base + "/tree/1"]
    def parse(self, response):
        with tempfile.TemporaryFile() as file:
            file.write(b"x")
        yield {{name: tried(code) for name, code in ATTEMPTS.items()}}
"""


def found(tmp_path: Path, *, confined: bool) -> dict[str, str]:
    secret, spiders = tmp_path / "secrets" / "one", tmp_path / "spiders"
    for directory in (secret.parent, spiders):
        directory.mkdir()
    secret.write_text("words")
    other = tmp_path / "home" / "other.db"
    other.parent.mkdir()
    other.write_text("URLs")
    with socket.create_server(("127.0.0.1", 0)) as server, serving() as site, archiving() as archive:
        facts = {"secret": secret, "other": other, "port": server.getsockname()[1]}
        attempts = {name: code.format(**facts) for name, code in ATTEMPTS.items()}
        (spiders / "bad.py").write_text(SPIDER.format(attempts=attempts))
        run = Run(tmp_path / "home", archive, child=ChildLimits(confined=confined))
        outcome = run(own_source(furnish(site), "bad.py:Bad"), spiders=spiders, items=tmp_path / "items")
    assert outcome.outcome == "done", outcome.reason
    [item] = items_in(tmp_path / "items")
    return dict(item)


def test_a_confined_spider_reaches_nothing_but_its_own(tmp_path: Path) -> None:
    assert found(tmp_path, confined=True) == dict.fromkeys(ATTEMPTS, "refused")


def test_a_spider_that_is_not_confined_reaches_everything(tmp_path: Path) -> None:
    assert found(tmp_path, confined=False) == dict.fromkeys(ATTEMPTS, "reached")  # the control


@pytest.mark.parametrize("spider", ["Plain", "Piped"])
def test_a_confined_spider_gives_the_same_items(tmp_path: Path, spider: str) -> None:
    kept = []
    for confined in (True, False):
        with serving() as site, archiving() as archive:
            run = Run(tmp_path / str(confined), archive, child=ChildLimits(confined=confined))
            items = tmp_path / f"items-{confined}"
            assert run(own_source(furnish(site), spider), spiders=SPIDERS, items=items).outcome == "done"
            kept.append(sorted(str(item).replace(site.url, "") for item in items_in(items)))
    assert kept[0] == kept[1] != []


CHMOD = """
import os, tempfile, scrapy

class Bad(scrapy.Spider):
    name = "b"
    def parse(self, response): pass
    def __init__(self):
        super().__init__()
        with tempfile.NamedTemporaryFile() as file:
            os.chmod(file.name, 0o777)
            os.fchmod(file.fileno(), 0o777)
            os.chmod({secret!r}, 0o777)
            raise ValueError(f"{{os.fstat(file.fileno()).st_mode:o}} {{os.path.exists(file.name)}}")
"""


@pytest.mark.parametrize("confined", [True, False])
def test_a_confined_spider_changes_no_mode_and_does_not_notice(tmp_path: Path, confined: bool) -> None:
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    (tmp_path / "spiders").mkdir()
    (tmp_path / "spiders" / "bad.py").write_text(CHMOD.format(secret=str(secret)))
    with serving() as site:
        source = own_source(site, "bad.py:Bad", arguments={})
        why = why_not_usable(source, tmp_path / "spiders", Permissions(), confined=confined)

    assert ("ValueError: 100600 True" if confined else "ValueError: 100777 True") in (why or "")
    assert f"{secret.stat().st_mode:o}" == ("100600" if confined else "100777")


@pytest.mark.parametrize(("confined", "outcome"), [("auto", "done"), (True, "failed"), (False, "done")])
def test_where_the_kernel_can_t_confine_a_spider_its_run_says_so(
    tmp_path: Path, confined: Literal["auto"] | bool, outcome: str
) -> None:
    with serving() as site, archiving() as archive:
        run = Run(tmp_path / "home", archive, child=ChildLimits(confined=confined))
        source = own_source(furnish(site), "Plain")
        ended = without_landlock(lambda: run(source, spiders=SPIDERS, items=tmp_path / "items"))

    assert ended.outcome == outcome
    told = [event["reason"] for event in events(run) if event["event"] == "spider-not-confined"]
    assert told == (["Landlock can't be used: Argument list too long"] if confined == "auto" else [])
    assert ("can't be confined" in ended.reason) == (confined is True)


def test_a_ledger_of_an_earlier_version_is_continued(tmp_path: Path) -> None:
    former = tmp_path / "home" / "r.db"
    former.parent.mkdir()
    with closing(Ledger(former)) as ledger:
        ledger.write(PendingOutput(items=['{"item": {"kept": true}}']))
    with serving() as site, archiving() as archive:
        run = Run(tmp_path / "home", archive)
        assert run(own_source(furnish(site), "Plain"), "r", spiders=SPIDERS, items=tmp_path / "items")

    assert {"kept": True} in items_in(tmp_path / "items")
    assert [path.name for path in former.parent.iterdir()] == ["run.jsonl"]


@pytest.mark.parametrize("confined", [True, False])
def test_a_spider_is_confined_while_it_is_checked(tmp_path: Path, confined: bool) -> None:
    (tmp_path / "secret").write_text("words")
    (tmp_path / "spiders").mkdir()
    code = f"open({str(tmp_path / 'secret')!r}).read()\nimport scrapy\nclass Bad(scrapy.Spider):\n    name = 'b'\n"
    (tmp_path / "spiders" / "bad.py").write_text(code)
    with serving() as site:
        source = own_source(site, "bad.py:Bad", arguments={})
        why = why_not_usable(source, tmp_path / "spiders", Permissions(), confined=confined)

    assert (why is not None and "PermissionError" in why) == confined


@pytest.mark.parametrize("confined", [True, False])
def test_a_spider_may_write_temporary_files_while_it_is_checked(tmp_path: Path, confined: bool) -> None:
    (tmp_path / "spiders").mkdir()
    code = (
        "import os, tempfile\nimport scrapy\nwith tempfile.TemporaryFile() as file:\n    file.write(b'x')\n"
        "class Good(scrapy.Spider):\n    name = 'g'\n    def __init__(self):\n        super().__init__()\n"
        "        self.scratch = tempfile.mkdtemp(dir=os.environ.get('TMPDIR'))\n        os.rmdir(self.scratch)\n"
    )
    (tmp_path / "spiders" / "good.py").write_text(code)
    with serving() as site:
        source = own_source(site, "good.py:Good", arguments={})
        assert why_not_usable(source, tmp_path / "spiders", Permissions(), confined=confined) is None
