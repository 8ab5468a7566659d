"""All settings, read once from the environment. Every variable is described in docs/operations.md.

The defaults run the product on one machine without any server: SQLite under `var/`, the sandbox as provider.
Production sets DEBUG=false and is then refused by system checks (checks.py) until its secrets are given.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _
from environs import Env

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()
env.read_env(str(BASE_DIR / ".env"), recurse=False)

# The application itself
DEBUG = env.bool("DEBUG", True)
INSECURE_SECRET_KEY = "only-for-one-machine-set-SECRET_KEY-elsewhere"  # noqa: S105  # refused by checks.py
SECRET_KEY = env.str("SECRET_KEY", INSECURE_SECRET_KEY)
# A public example key: protects nothing, so checks.py refuses it outside DEBUG.
INSECURE_FIELD_KEY = "bm90LWEtc2VjcmV0LWtleS1mb3ItZGVtb3Mtb25seSE="
FIELD_ENCRYPTION_KEYS = env.list("FIELD_ENCRYPTION_KEYS", [INSECURE_FIELD_KEY])
PUBLIC_URL = env.str("PUBLIC_URL", f"http://127.0.0.1:{env.int('PORT', 8000)}").rstrip("/")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", [urlsplit(PUBLIC_URL).hostname or "", "127.0.0.1", "localhost", "[::1]"]
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)
VERSION = "0.1.0"

INSTALLED_APPS = [
    "calendarsync",
    "activities",
    "marketplace",
    "carerix_calendar.apps.WiringConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "marketplace.middleware.TenantMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "carerix_calendar.urls"
ASGI_APPLICATION = "carerix_calendar.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "carerix_calendar.shell.shell",
            ]
        },
    }
]

# Database: SQLite waits for its one writer instead of failing, and readers never wait (WAL). A worker's memory must not
# grow with the database: every thread has a cache of its own, so it is small, and the file is not mapped.
SQLITE_URL = f"sqlite:///{VAR_DIR / 'db.sqlite3'}"
SQLITE_OPTIONS = {
    "timeout": 30,
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-8000;"
        "PRAGMA temp_store=MEMORY;"
    ),
}
DATABASES: dict[str, dict[str, Any]] = {"default": env.dj_db_url("DATABASE_URL", SQLITE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", 60), "CONN_HEALTH_CHECKS": True}
    # A server that does not answer is away after seconds, not minutes; the address may say otherwise.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Broker, cache and live messages: one Redis or Valkey.
REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Above the longest task, or the broker hands a running task to a second worker.
    "visibility_timeout": 900,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "maintenance"
CELERY_TIMEZONE = "UTC"

# People
AUTH_USER_MODEL = "marketplace.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "marketplace.sign_in.TenantBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", 8)
AXES_COOLOFF_TIME = env.float("LOGIN_COOLOFF_HOURS", 0.25)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "marketplace.sign_in.locked_out"
AXES_USERNAME_FORM_FIELD = "username"  # as the login form calls it; axes would look for "email"
AXES_USERNAME_CALLABLE = "marketplace.sign_in.attempted_address"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # the provider's redirect back must carry the session
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14

# Language, zone, files
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("nl", _("Dutch"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
# Only what is built or drawn is served; the sources of scripts and styles stay at home.
STATICFILES_DIRS = [(name, BASE_DIR / "static" / name) for name in ("dist", "img")]
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    },
}
SERVESTATIC_USE_FINDERS = DEBUG
SERVESTATIC_AUTOREFRESH = DEBUG

# Browser protection: no inline script or style anywhere.
CONTENT_SECURITY_POLICY: dict[str, dict[str, list[Any]]] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        # Browsers hold redirects after a form to this too, and a sign-in may lead on to an organisation's own login.
        "form-action": [SELF, "https:"],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", False)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 0)
if env.bool("BEHIND_TLS_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["carerix_calendar.lib.json_body.JSONBody"],
    "ALLOWED_VERSIONS": ["1"],  # the schema writes the version that was asked for into a header
    "DEFAULT_METADATA_CLASS": None,  # the schema describes; OPTIONS is not answered
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": ["carerix_calendar.throttling.UserThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": env.str("API_RATE", "1200/min")},
    "EXCEPTION_HANDLER": "carerix_calendar.api.explain",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Calendar 2.0",
    "DESCRIPTION": "Calendars, appointments and activities of a recruitment CRM.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "ActivityKindEnum": "activities.models.Activity.Kind",
        "RecordKindEnum": "activities.models.Record.Kind",
    },
}

# Providers: the real endpoints, unless SANDBOX_URL points all of them at the sandbox at once.
SANDBOX_URL = env.str("SANDBOX_URL", "").rstrip("/")


def _endpoint(name: str, real: str, sandbox_path: str) -> str:
    return env.str(name, f"{SANDBOX_URL}{sandbox_path}" if SANDBOX_URL else real)


GOOGLE_CLIENT_ID = env.str("GOOGLE_CLIENT_ID", "sandbox-client" if SANDBOX_URL else "")
GOOGLE_CLIENT_SECRET = env.str("GOOGLE_CLIENT_SECRET", "sandbox-secret" if SANDBOX_URL else "")
GOOGLE_AUTH_URL = _endpoint(
    "GOOGLE_AUTH_URL", "https://accounts.google.com/o/oauth2/v2/auth", "/o/oauth2/v2/auth"
)
GOOGLE_TOKEN_URL = _endpoint("GOOGLE_TOKEN_URL", "https://oauth2.googleapis.com/token", "/token")
GOOGLE_REVOKE_URL = _endpoint("GOOGLE_REVOKE_URL", "https://oauth2.googleapis.com/revoke", "/revoke")
GOOGLE_API_URL = _endpoint("GOOGLE_API_URL", "https://www.googleapis.com/calendar/v3/", "/calendar/v3/")
CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append(
    f"{urlsplit(GOOGLE_AUTH_URL).scheme}://{urlsplit(GOOGLE_AUTH_URL).netloc}"
)
PROVIDER_URLS = [GOOGLE_AUTH_URL, GOOGLE_TOKEN_URL, GOOGLE_REVOKE_URL, GOOGLE_API_URL]
PROVIDERS_ARE_HERE = all(urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"} for url in PROVIDER_URLS)
# Where providers deliver notifications. The real ones demand https and reach no plain address: they are polled only.
_CAN_BE_REACHED = PUBLIC_URL.startswith("https://") or SANDBOX_URL or PROVIDERS_ARE_HERE
WEBHOOK_URL = env.str("WEBHOOK_URL", PUBLIC_URL if _CAN_BE_REACHED else "").rstrip("/")
if PROVIDERS_ARE_HERE:
    # oauthlib refuses plain http; only endpoints on this very machine may have it.
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
# A user may untick a permission; we compare the granted scopes ourselves and explain.
os.environ["OAUTHLIB_RELAX_TOKEN_SCOPE"] = "1"  # noqa: S105  # a switch, no secret

# Synchronisation; all in seconds unless the name says otherwise.
SYNC_NEAR_DAYS_BACK = env.int("SYNC_NEAR_DAYS_BACK", 30)
SYNC_NEAR_DAYS_AHEAD = env.int("SYNC_NEAR_DAYS_AHEAD", 90)
SYNC_LEASE_SECONDS = env.int("SYNC_LEASE_SECONDS", 120)
SYNC_BUDGET_SECONDS = env.int("SYNC_BUDGET_SECONDS", 60)
SYNC_POLL_SECONDS = env.int("SYNC_POLL_SECONDS", 600)
SYNC_POLL_SECONDS_WITHOUT_PUSH = env.int("SYNC_POLL_SECONDS_WITHOUT_PUSH", 60)
SYNC_RESYNC_DAYS = env.int("SYNC_RESYNC_DAYS", 7)
SYNC_POLL_SECONDS_WHILE_WATCHED = env.int("SYNC_POLL_SECONDS_WHILE_WATCHED", 15)
HTTP_CONNECT_TIMEOUT = env.float("HTTP_CONNECT_TIMEOUT", 10)
HTTP_READ_TIMEOUT = env.float("HTTP_READ_TIMEOUT", 30)

# Operations
METRICS_KEY = env.str("METRICS_KEY", "")
SENTRY_DSN = env.str("SENTRY_DSN", "")
LOG_LEVEL = env.str("LOG_LEVEL", "INFO")
LOG_FORMAT = env.str("LOG_FORMAT", "console" if DEBUG else "json")
LOGGING_CONFIG = "carerix_calendar.logs.configure"
LOGGING = {"level": LOG_LEVEL, "format": LOG_FORMAT}
DJANGO_STRUCTLOG_CELERY_ENABLED = True

DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Calendar <calendar@carerix.example>")
vars().update(env.dj_email_url("EMAIL_URL", "console://"))
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", 10)
