"""`python -m studio.media.ingest [--host H] [--port P]`."""

import argparse
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.config.settings")
django.setup()

from aiohttp import web  # noqa: E402
from django.conf import settings  # noqa: E402

from studio.media.ingest.app import build  # noqa: E402  (models need the setup above)


def main() -> None:
    host = os.environ.get("HUO_INGEST_HOST") or "127.0.0.1"
    parser = argparse.ArgumentParser(prog="python -m studio.media.ingest", description="Takes uploads by tus 1.0.")
    parser.add_argument("--host", default=host, help="address to listen on (HUO_INGEST_HOST)")
    parser.add_argument("--port", type=int, default=settings.INGEST_PORT, help="port to listen on (HUO_INGEST_PORT)")
    options = parser.parse_args()
    web.run_app(
        build(),
        host=options.host,
        port=options.port,
        access_log=None,
        shutdown_timeout=2,
        print=lambda *_: None,
        reuse_address=True,
    )


if __name__ == "__main__":
    main()
