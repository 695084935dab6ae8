# syntax=docker/dockerfile:1
# alertd as a container: hashed dependencies, no root, and a root file system that may be mounted read-only.
#   docker build -t alertd .
#   docker run --read-only --cap-drop ALL --tmpfs /tmp -v /srv/alertd/home:/home/alertd/home:ro -v alertd-state:/var/lib/alertd alertd
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/alertd
COPY requirements/runtime.txt requirements/build.txt requirements/
RUN /opt/alertd/bin/python -m pip install --require-hashes -r requirements/runtime.txt
RUN python -m venv /opt/build && /opt/build/bin/python -m pip install --require-hashes -r requirements/build.txt
COPY . .
RUN /opt/build/bin/python -m hatchling build -t wheel \
 && /opt/alertd/bin/python -m pip install --no-deps --no-index dist/alertd-*.whl \
 && /opt/alertd/bin/alertd --version

FROM python:3.11-slim
LABEL org.opencontainers.image.title="alertd" \
      org.opencontainers.image.description="Rules-driven exception alerting for performance measures" \
      org.opencontainers.image.licenses="MIT"
RUN groupadd --system --gid 10001 alertd \
 && useradd --system --uid 10001 --gid alertd --home-dir /var/lib/alertd --shell /usr/sbin/nologin alertd \
 && install -d -o alertd -g alertd -m 0750 /var/lib/alertd
COPY --from=build /opt/alertd /opt/alertd
ENV PATH=/opt/alertd/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ALERTD_HOME=/home/alertd/home \
    ALERTD_STATE__URL=sqlite:////var/lib/alertd/state.db
WORKDIR /var/lib/alertd
VOLUME /var/lib/alertd
USER 10001:10001
# `web.bind` is loopback, so health is asked from inside the container.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9464/livez', timeout=4)"]
ENTRYPOINT ["alertd"]
CMD ["run"]
