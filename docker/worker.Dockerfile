# Workers. EXTRA=engine decodes, keys and renders on the CPU; EXTRA=worker adds the model libraries for a GPU.
# Never both in one image: their two OpenCV builds overwrite each other.
FROM python:3.13-slim-bookworm

ARG EXTRA=engine
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# mediapipe's OpenCV looks for these even without a screen. Debian keeps one version of each, so none is pinned.
# hadolint ignore=DL3008
RUN if [ "$EXTRA" = worker ]; then \
        apt-get update && apt-get install --yes --no-install-recommends libegl1 libgl1 libgles2 \
        && rm -rf /var/lib/apt/lists/*; \
    fi
RUN useradd --uid 10001 --create-home huo && install --directory --owner=huo --group=huo --mode=0750 /data
WORKDIR /app

COPY pyproject.toml ./
RUN mkdir studio compositing && touch studio/__init__.py compositing/__init__.py && pip install --editable ".[$EXTRA]"

COPY . .
USER 10001
ENV HUO_HOME=/data
VOLUME /data
CMD ["python", "-m", "celery", "--app", "studio.config.celery", "worker", "--pool", "threads", "--queues", "cpu", "--concurrency", "2", "--without-gossip", "--without-mingle"]
