"""The reference shop's settings, read from the environment. docs/reference/environment.md lists the variables."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from shopsite.environment import LOOPBACK_HOSTS, broker_url, is_public, kept_secret

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))

# Who may ask ---------------------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=LOOPBACK_HOSTS)
PUBLIC = is_public(ALLOWED_HOSTS)
SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret(DATA_DIR / "secret_key", public=PUBLIC)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

HTTPS = env.bool("HTTPS", default=PUBLIC and not DEBUG)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked from inside, without a proxy that would say https
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# What the site is made of --------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "import_export",
    "rest_framework",
    "rest_framework.authtoken",
    "rest_framework_simplejwt",
    "rest_framework_simplejwt.token_blacklist",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "recommender",
    "catalog",
]
MIDDLEWARE = [
    "recommender.monitoring.request_ids.RequestIdMiddleware",
    "recommender.monitoring.measuring.MeasuringMiddleware",
    "csp.middleware.CSPMiddleware",  # around all that could answer with a page, errors included
    "shopsite.shedding.SheddingMiddleware",
    "shopsite.blinking.BlinkMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "shopsite.limits.LimitMiddleware",
    "shopsite.numbers.HugeNumberMiddleware",
]
ROOT_URLCONF = "shopsite.urls"
WSGI_APPLICATION = "shopsite.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LIMITS: dict[str, str | None] = {  # None lifts one
    "login address": "60/min",
    "login account": "10/min",
    "mail address": "10/min",
    "mail account": "3/hour",
    "register address": "30/min",
    "register account": "10/min",
    "photo address": "60/min",
    "upload bytes": "2000000000/day",  # that a member of staff sends in forms with files
    "events address": "240/min",
}
MAX_REQUESTS = env.int("MAX_REQUESTS", default=4)  # worked on at once in each web process
MAX_WAITING = env.int("MAX_WAITING", default=11)  # and so many more wait; the server needs a thread for each, and one
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# Mail: links to choose a new password. Without a server they are printed, so that a first try needs none.
vars().update(env.email("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("FROM_EMAIL", default="shop@localhost")

# Language ------------------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "catalog" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="UTC")

# Where things are kept -----------------------------------------------------------------------------------------------

REDIS_URL = env.str("REDIS_URL", default="")
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'shop.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}

CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "shop"},
}
if REDIS_URL:
    CACHES["default"] = {"BACKEND": "shopsite.cache.ForgivingRedisCache", "LOCATION": REDIS_URL}

MEDIA_URL = "media/"
MEDIA_ROOT = DATA_DIR / "media"
SERVE_MEDIA = env.bool("SERVE_MEDIA", default=not PUBLIC)
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "shopsite.statics.HashedStaticFiles"
        ),
    },
    "recommender": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "recommender"},
    },
}
FILE_UPLOAD_HANDLERS = [
    "shopsite.uploads.HugeUploadRefuser",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_MAX_MEMORY_SIZE = 11 * 1024 * 1024  # a shopper's photo (10 MB at most) is never written to disk
UPLOAD_MAX_BYTES = 40 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# The recommender -----------------------------------------------------------------------------------------------------

RECOMMENDER_PRODUCT_MODEL = "catalog.Product"
RECOMMENDER: dict[str, Any] = {
    "PRODUCT_SOURCE": "catalog.source.CatalogSource",
    "CONSENT": "catalog.consent.agreed",
    "TASKS": "celery" if REDIS_URL else "inline",
    "CACHE_DIR": DATA_DIR / "snapshots",
    "METRICS_TOKEN": env.str("METRICS_TOKEN", default=""),
}

# Celery --------------------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = broker_url(REDIS_URL) if REDIS_URL else "memory://"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A frozen broker must cost a page half a second, not half a minute: `max_retries` is of reconnecting to send.
    "socket_timeout": 0.5,
    "socket_connect_timeout": 0.5,
    "max_retries": 0,
    # The work of a killed worker comes back within `visibility_timeout`, which no task's time limit may exceed.
    "visibility_timeout": 1900,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# A worker takes as many tasks as it has processes, counted by what they work on. Counted by acknowledgements, as a
# multiplier of 1 does, each one that a frozen broker did not take would cost the worker a place for good.
CELERY_WORKER_PREFETCH_MULTIPLIER = 0
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_TASK_TIME_LIMIT = 1800
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 3.0  # then a worker that has to quit gives its task back to the queue
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "recommender.tasks.embed_*": {"queue": "vision"},
    "recommender.tasks.train*": {"queue": "training"},
    "recommender.tasks.inspect_catalogue": {"queue": "training"},
}
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # workers log as the site does
CELERY_BEAT_SCHEDULER = "shopsite.beat:Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat")
CELERY_BEAT_SCHEDULE = {
    "embed what was missed": {"task": "recommender.tasks.sweep", "schedule": 60.0},
    "train when there is news": {"task": "recommender.tasks.train_if_due", "schedule": 3600.0},
    "sum up what shelves achieved": {"task": "recommender.tasks.sum_up", "schedule": 300.0},
    "inspect the pictures": {"task": "recommender.tasks.inspect_catalogue", "schedule": 86_400.0},
    "forget what is too old": {"task": "recommender.tasks.purge", "schedule": 86_400.0},
}

# The REST API --------------------------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework_simplejwt.authentication.JWTAuthentication",
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "recommender.api.throttles.AnonThrottle",
        "recommender.api.throttles.UserThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": "600/min",
        "user": "1200/min",
        "events": "120/min",
        "guests": "30/min",
        "photos": "60/min",
        "token": "10/min",
        "account": "10/min",
        "refresh": "60/min",
    },
    # How many proxies append to X-Forwarded-For; 0 ignores the header, which anybody could write.
    "NUM_PROXIES": 1 if BEHIND_PROXY else 0,
    "EXCEPTION_HANDLER": "recommender.api.problems.exception_handler",
}
SIMPLE_JWT: dict[str, Any] = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=10),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=30),
    "CHECK_REVOKE_TOKEN": True,  # a new password ends every login
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Visual Recommender API",
    "DESCRIPTION": "Similar products, personal recommendations and events of a shop.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# Logs ----------------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "recommender.monitoring.logs.LineFormatter"},
        "json": {"()": "recommender.monitoring.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": env.str("LOG_FORMAT", default="json" if PUBLIC and not DEBUG else "line"),
        },
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
