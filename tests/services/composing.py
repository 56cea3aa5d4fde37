"""Compose files, run for real by podman-compose: images of this checkout, a network of their own, and volumes."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from services.podman import Podman

POSTGRES = "localhost/pressmark-postgres"
_LOOK = 2.0
"""Seconds between two health checks of a container that is not healthy yet."""

_PROGRAM = Path(sys.executable).with_name("podman-compose")
_NETWORK = [Path("/usr/lib/podman/netavark"), Path("/usr/lib/podman/aardvark-dns")]

needs_compose = pytest.mark.skipif(
    not all(one.exists() for one in (_PROGRAM, *_NETWORK)),
    reason="needs podman-compose, netavark and aardvark-dns: make containers",
)
_POSTGRES_IMAGE = r"""FROM localhost/debian:trixie-slim
# The server is unpacked and not configured: its scripts write to settings of apt, which are mounted read-only.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client-17 tzdata \
        libgssapi-krb5-2 libicu76 libldap2 liblz4-1 libnuma1 libpam0g libsystemd0 libxml2 libxslt1.1 \
    && cd /tmp && apt-get download postgresql-17 && dpkg -x postgresql-17_*.deb / && rm postgresql-17_*.deb \
    && useradd --system --home-dir /var/lib/postgresql postgres && /usr/lib/postgresql/17/bin/postgres --version
COPY --chmod=755 start /usr/local/bin/start
ENV PATH=/usr/lib/postgresql/17/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
VOLUME /var/lib/postgresql/data
STOPSIGNAL SIGINT
ENTRYPOINT ["start"]
"""
_POSTGRES_START = r"""#!/bin/sh
# What the official image does with the variables that compose files give it.
set -e
data=/var/lib/postgresql/data
if [ "$(id -u)" = 0 ]; then
    mkdir -p $data /run/postgresql && chown postgres $data /run/postgresql
    exec setpriv --reuid=postgres --regid=postgres --clear-groups "$0"
fi
if [ ! -s $data/PG_VERSION ]; then
    printf %s "$POSTGRES_PASSWORD" > /tmp/first
    initdb -D $data -U "$POSTGRES_USER" --pwfile=/tmp/first --auth-host=scram-sha-256 $POSTGRES_INITDB_ARGS
    rm /tmp/first
    echo "host all all all scram-sha-256" >> $data/pg_hba.conf
    pg_ctl -D $data -o "-c listen_addresses=" -w start
    createdb -h /run/postgresql -U "$POSTGRES_USER" "$POSTGRES_DB"
    pg_ctl -D $data -m fast -w stop
fi
exec postgres -D $data -c listen_addresses=*
"""


def postgres_image(images: Podman) -> None:
    """Build an image that takes the variables of the official one of PostgreSQL, from Debian's packages."""
    place = images.directory / "postgres"
    place.mkdir()
    (place / "Dockerfile").write_text(_POSTGRES_IMAGE)
    (place / "start").write_text(_POSTGRES_START)
    images.build(place, POSTGRES.removeprefix("localhost/"))


@dataclass
class Composed:
    """The containers of a compose file."""

    images: Podman
    file: Path
    environment: dict[str, str] = field(default_factory=dict)
    name: str = field(default_factory=lambda: f"pm{secrets.token_hex(3)}")

    def compose(self, *arguments: str) -> str:
        """Run a command of podman-compose; what it said."""
        wrapper = self._wrapper()
        command = [str(_PROGRAM), "--podman-path", str(wrapper), "-p", self.name, "-f", str(self.file), *arguments]
        environment = {**os.environ, **self.environment, "DISABLE_HC_SYSTEMD": "true"}
        done = subprocess.run(
            command, check=False, env=environment, cwd=self.file.parent, capture_output=True, text=True, timeout=1_800
        )
        assert done.returncode == 0, f"{arguments}:\n{done.stdout[-3_000:]}\n{done.stderr[-6_000:]}"
        return done.stdout

    def container(self, service: str) -> str:
        return f"{self.name}_{service}_1"

    def main_process(self, service: str) -> int:
        """Return the process of a running container; 0 while it does not run."""
        return int(self.images.run("inspect", self.container(service), "--format", "{{.State.Pid}}"))

    def run(self, service: str, *arguments: str, code: int | None = 0) -> str:
        """Run a command in a container."""
        return self.images.run("exec", self.container(service), *arguments, code=code)

    def selected(self, query: str) -> str:
        """Return the one value that a query of the database finds; nothing for NULL."""
        return self.run("database", "psql", "-h", "/run/postgresql", "-U", "pressmark", "-Atc", query)

    def states(self) -> dict[str, str]:
        """Return each container that there is, by its service, and what podman says of its state and health."""
        told = self.images.run("ps", "--all", "--format", "{{.Names}}|{{.Status}}").splitlines()
        ours = (line.removeprefix(f"{self.name}_").partition("|") for line in told if line.startswith(f"{self.name}_"))
        return {name.removesuffix("_1"): status for name, _, status in ours}

    def healthy(self) -> set[str]:
        return {service for service, status in self.states().items() if "(healthy)" in status}

    def is_healthy(self, service: str) -> bool:
        return "(healthy)" in self.states()[service]

    @contextmanager
    def checked(self) -> Iterator[None]:
        """Run the health checks of the file until each container is healthy, as the timers of systemd do elsewhere."""
        over = threading.Event()

        def check() -> None:
            while not over.wait(_LOOK):
                names = self.images.run("ps", "--format", "{{.Names}}|{{.Status}}", code=None).splitlines()
                for name in (one.partition("|")[0] for one in names if "(starting)" in one or "(unhealthy)" in one):
                    self.images.run("healthcheck", "run", name, code=None)

        thread = threading.Thread(target=check)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _wrapper(self) -> Path:
        """Return a command that is podman with the storage of the test."""
        wrapper = self.images.directory / "podman"
        if not wrapper.exists():
            wrapper.write_text(f'#!/bin/sh\nexec {" ".join(map(str, self.images.command()))} "$@"\n')
            wrapper.chmod(0o755)
        return wrapper
