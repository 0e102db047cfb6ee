"""`/api/v1`: everything a page can do, for scripts."""

from importlib import import_module
from importlib.util import find_spec

from ninja import NinjaAPI
from ninja.security import SessionAuth

from studio.accounts.auth import bearer

APPS = ("productions", "media", "jobs", "footage", "generation", "comps", "reviews", "releases", "ledger", "pipeline")

api = NinjaAPI(
    title="Huo 活", version="1", urls_namespace="api", auth=[bearer, SessionAuth(csrf=True)], docs_url="/docs"
)
for name in (f"{app}.{module}" for app in APPS for module in ("api", "desk_api", "worlds_api")):
    if find_spec(f"studio.{name}"):
        module = import_module(f"studio.{name}")
        if hasattr(module, "root"):
            api.add_router("/productions", module.root)
        api.add_router("/productions", module.router)  # a studio.core.api.Router: it adds {slug} to its paths
