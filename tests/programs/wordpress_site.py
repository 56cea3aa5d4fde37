"""WordPress of Debian, with a MariaDB of its own, filled with articles and comments, and served on a loopback socket.

python wordpress_site.py DIRECTORY ARTICLES LONGEST

Prints a line of JSON when it is ready: the port, and all contents, the first post of each thread being the article. It
serves until its standard input ends. It answers each line of that with the paths that were requested since the last
one; a line with an edit makes that edit. Ends with 3 where a package is missing.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from articles import article
from said import threads

CORE = "usr/share/wordpress"
THEME = f"{CORE}/wp-content/themes/twentytwentyfive"
CONFIG = """<?php
define('DB_NAME', 'test');
define('DB_USER', '%(user)s');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:%(socket)s');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('DISABLE_WP_CRON', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
    define($name . '_KEY', 'for tests');
    define($name . '_SALT', 'for tests');
}
$table_prefix = 'wp_';
if (!defined('ABSPATH')) {
    define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';
"""
ROUTER = """<?php
file_put_contents(__DIR__ . '/asked', $_SERVER['REQUEST_URI'] . "\\n", FILE_APPEND);
$path = __DIR__ . parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (is_file($path) && !str_ends_with($path, '.php')) {
    return false;
}
require is_file($path) ? $path : __DIR__ . '/index.php';
"""


def main(directory: Path, count: int, longest: int) -> None:
    packages = _packages(directory)
    if not (packages and all(map(shutil.which, ["php", "mariadbd", "mariadb"])) and _speaks_to_mariadb()):
        sys.exit(3)
    site = directory / "site"
    left_out = shutil.ignore_patterns("wp-config.php", "wp-content")
    shutil.copytree(packages / CORE, site, ignore=left_out, ignore_dangling_symlinks=True)
    (site / "wp-content/plugins").mkdir(parents=True)
    shutil.copytree(packages / THEME, site / "wp-content/themes/twentytwentyfive")
    with _database(directory) as place:
        (site / "wp-config.php").write_text(CONFIG % {"user": _user(), "socket": place})
        (site / "router.php").write_text(ROUTER)
        port = _free_port()
        origin = f"http://127.0.0.1:{port}"
        written = _fill(site, origin, count, longest)
        serving = ["php", "-q", "-S", f"127.0.0.1:{port}", "-t", str(site), str(site / "router.php")]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(serving, stdin=subprocess.DEVNULL, **quiet) as php:
            try:
                _wait(lambda: socket.create_connection(("127.0.0.1", port), 1).close())
                print(json.dumps({"port": port, "threads": written}), flush=True)
                for line in sys.stdin:
                    print(json.dumps(_answer(site, origin, json.loads(line))), flush=True)
            finally:
                php.kill()


def _packages(directory: Path) -> Path | None:
    """Return where the files of WordPress's packages are.

    They are unpacked and not installed, because the installation would start a web server for the whole machine.
    """
    if Path("/", CORE).is_dir() and Path("/", THEME).is_dir():
        return Path("/")
    if not shutil.which("apt-get"):
        return None
    names = ["wordpress", "wordpress-theme-twentytwentyfive"]
    got = subprocess.run(["apt-get", "download", "-qq", *names], cwd=directory, capture_output=True, check=False)
    if got.returncode:
        return None
    for package in directory.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", str(package), str(directory / "packages")], check=True)
    return directory / "packages"


def _speaks_to_mariadb() -> bool:
    modules = subprocess.run(["php", "-m"], capture_output=True, check=True).stdout
    return b"mysqli" in modules


@contextmanager
def _database(directory: Path) -> Iterator[str]:
    data, place = directory / "data", f"{directory}/db.sock"
    given = ["--no-defaults", f"--datadir={data}", f"--user={_user()}"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(["mariadb-install-db", *given, "--auth-root-authentication-method=socket"], check=True, **quiet)
    fast = ["--skip-networking", f"--socket={place}", "--innodb-flush-log-at-trx-commit=0", "--skip-log-bin"]
    with subprocess.Popen(["mariadbd", *given, *fast], stdin=subprocess.DEVNULL, **quiet) as server:
        try:
            make = ["mariadb", "--no-defaults", f"--socket={place}", "-e", "CREATE DATABASE IF NOT EXISTS test"]
            _wait(lambda: subprocess.run(make, check=True, **quiet))
            yield place
        finally:
            server.kill()  # a normal end first writes everything to the disk, for minutes on a busy one


def _wait(attempt: Callable[[], object]) -> None:
    """Wait until it raises no more."""
    until = time.monotonic() + 120
    while True:
        try:
            attempt()
        except (OSError, subprocess.CalledProcessError):
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def _fill(site: Path, origin: str, count: int, longest: int) -> list[dict]:
    written = _articles_with_comments(count, longest)
    fill = ["php", str(Path(__file__).with_name("wordpress_fill.php")), origin]
    done = subprocess.run(fill, cwd=site, input=json.dumps(written), text=True, capture_output=True, check=False)
    if done.returncode or not done.stdout.startswith("["):
        sys.exit(f"{done.stdout[:1000]}{done.stderr[:1000]}")
    for thread, made in zip(written, json.loads(done.stdout), strict=True):
        thread["url"], thread["section"] = made["url"], made["section"]
        for said, number in zip(thread["posts"][1:], made["ids"], strict=True):
            said["id"] = number
    return written


def _articles_with_comments(count: int, longest: int) -> list[dict]:
    chance, written = random.Random(2), threads(count, longest)
    for number, thread in enumerate(written):
        made = article(chance, number)
        thread["title"] = made.pop("title")
        thread["posts"][0] |= made
    return written


def _answer(site: Path, origin: str, told: dict) -> list[str] | str:
    """Return the paths that were requested since the last time; or change the text of an article."""
    if told:
        edit = "require 'wp-load.php'; wp_update_post(['ID' => url_to_postid($argv[1]), 'post_content' => $argv[2]]);"
        said = ["php", "-r", edit, f"{origin}{told['thread']}", told["source"]]
        subprocess.run(said, cwd=site, check=True, capture_output=True)
        return ""
    asked = site / "asked"
    paths = asked.read_text().split() if asked.exists() else []
    asked.write_text("")
    return paths


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _user() -> str:
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
