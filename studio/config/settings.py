"""Every setting of the studio, typed, in one place.

Values come from the environment: `HUO_...`, `DATABASE_URL`, `REDIS_URL`.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.utils.translation import gettext_lazy as _
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent.parent


class Settings(BaseSettings):
    """What an operator may set; `docs/ARCHITECTURE.md` says what each one is for."""

    model_config = SettingsConfigDict(env_prefix="HUO_", extra="ignore")

    home: Path = ROOT / ".data"
    secret_key: str = ""
    debug: bool = False
    allowed_hosts: list[str] = ["*"]
    # Where browsers find the studio and its upload ingest. Empty: the same host the page came from.
    base_url: str = ""
    port: int = 8000
    ingest_url: str = ""
    ingest_port: int = 8001
    https: bool = False
    # nginx serves media by X-Accel-Redirect from this internal location; empty: the web process serves ranges itself.
    accel_prefix: str = ""
    database_url: str = Field(default="postgresql:///huo", validation_alias="DATABASE_URL")
    redis_url: str = Field(default="redis://127.0.0.1:6379/0", validation_alias="REDIS_URL")
    quota_bytes: int = 50 * 2**30
    upload_max_bytes: int = 20 * 2**30
    upload_expiry_hours: int = 48
    # Where learned models lie, one folder each; empty: `models` in the data folder.
    models: Path | None = None
    # A ComfyUI server that draws registered workflows, such as http://10.0.0.5:8188; empty: none.
    comfy_url: str = ""
    lease_s: int = 15
    heartbeat_s: int = 3
    # A job that waits this long with nothing in the broker is hinted at again.
    hint_after_s: int = 5
    # A filing number must match this whole regular expression; empty: any number will do (the format is unverified).
    filing_pattern: str = ""
    demo: bool = False
    log_level: str = "INFO"
    language: str = "en"
    time_zone: str = "UTC"


env = Settings()
HOME = env.home.resolve()


def secret_key() -> str:
    """The signing key: from the environment, else kept in the data folder, made at first start (0600)."""
    if env.secret_key:
        return env.secret_key
    path = HOME / "secret_key"
    if not path.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "w") as handle:
            handle.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)  # the first of several processes wins
        except FileExistsError:
            pass
        fresh.unlink()
    return path.read_text().strip()


def database(url: str) -> dict[str, object]:
    """Django's DATABASES entry for a postgresql:// URL; `?host=/folder` names a socket folder."""
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "huo",
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "") or ""),
        # Under ASGI a connection must not outlive its request's thread.
        "CONN_MAX_AGE": 0,
        "OPTIONS": query,
    }


SECRET_KEY = secret_key()
DEBUG = env.debug
ALLOWED_HOSTS = env.allowed_hosts
CSRF_TRUSTED_ORIGINS = [env.base_url] if env.base_url else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "template_partials.apps.SimpleAppConfig",
    "django_htmx",
    "ninja",  # its documentation page, from our own static files
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "studio.core",
    "studio.ledger",
    "studio.accounts",
    "studio.media",
    "studio.jobs",
    "studio.productions",
    "studio.footage",
    "studio.generation",
    "studio.comps",
    "studio.reviews",
    "studio.releases",
    "studio.pipeline",
    "studio.config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "studio.core.middleware.PageMiddleware",
]

ROOT_URLCONF = "studio.config.urls"
ASGI_APPLICATION = "studio.config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": database(env.database_url)}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "frontend" / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "studio.core.context.page",
            ],
            "builtins": [
                "template_partials.templatetags.partials",
                "studio.core.templatetags.huo",
                "studio.media.templatetags.media_tags",
            ],
        },
    }
]

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "studio.accounts.adapter.InvitedOnly"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.https
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.https else None
DEMO = env.demo
X_FRAME_OPTIONS = "DENY"
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = HOME / "mail"

# Languages
LANGUAGE_CODE = env.language
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [ROOT / "studio" / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = env.time_zone

# Files
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [ROOT / "frontend" / "static"]
WHITENOISE_USE_FINDERS = True  # one machine needs no collectstatic
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_HOME = HOME / "media"
UPLOAD_HOME = HOME / "uploads"
SCRATCH_HOME = HOME / "scratch"
MODEL_HOME = env.models or HOME / "models"
COMFY_URL = env.comfy_url.rstrip("/")
KEY_HOME = HOME / "keys"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 2**20
PORT = env.port
INGEST_URL, INGEST_PORT = env.ingest_url.rstrip("/"), env.ingest_port
ACCEL_PREFIX = env.accel_prefix
QUOTA_BYTES, UPLOAD_MAX_BYTES = env.quota_bytes, env.upload_max_bytes
UPLOAD_EXPIRY_HOURS = env.upload_expiry_hours

# Releases
FILING_PATTERN = env.filing_pattern

# Work and events
REDIS_URL = env.redis_url
LEASE_S, HEARTBEAT_S, HINT_AFTER_S = env.lease_s, env.heartbeat_s, env.hint_after_s
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "huo",
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "huo"},
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "studio.core.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": env.log_level},
    "loggers": {"django.channels": {"level": "WARNING"}, "httpx": {"level": "WARNING"}},
}
