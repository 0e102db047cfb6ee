# The web process, the upload ingest, the sweeper and migrations: no media or model library at all.
FROM python:3.13-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --uid 10001 --create-home huo && install --directory --owner=huo --group=huo --mode=0750 /data
WORKDIR /app

# The packages first, so that a change of our own code does not fetch them again.
COPY pyproject.toml ./
RUN mkdir studio compositing && touch studio/__init__.py compositing/__init__.py && pip install --editable .

COPY . .
USER 10001
ENV HUO_HOME=/data
VOLUME /data
EXPOSE 8000 8001
CMD ["python", "-m", "granian", "--interface", "asgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--respawn-failed-workers", "studio.config.asgi:application"]
