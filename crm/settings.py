"""Settings of the whole product, read from the environment; what is unset is safe."""

import os
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from crm.launcher.safety import is_production, refuse_unsafe
from crm.launcher.services import database_url, redis_url, secret_key, var_dir
from crm.redis_line import opened

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = var_dir()
env = environ.Env()

PRODUCTION = is_production(os.environ)
refuse_unsafe(os.environ)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="") or secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
SITE_URL = env("SITE_URL", default=f"http://127.0.0.1:{env('PORT', default='8000')}")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "channels",
    "django_fsm",
    "guardian",
    "django_htmx",
    "axes",
    "csp",
    "crm",
    "crm.people",
    "crm.office",
    "crm.cards",
    "crm.pipelines",
    "crm.clients",
    "crm.activities",
    "crm.notifications",
    "crm.boards",
    "crm.search",
    "crm.calls",
    "chats",
    "files",
    "deals",
    "leads",
    "expenses",
    "crm.oversight",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "crm.people.middleware.PersonMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "crm.once.OnceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "crm.urls"
ASGI_APPLICATION = "crm.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "crm.jinja.environment",
            "extensions": ["jinja2.ext.i18n", "jinja2.ext.do"],
            "trim_blocks": True,
            "lstrip_blocks": True,
            "context_processors": ["crm.shell.shell"],
        },
    },
]

DATABASES = {"default": env.db_url_config(database_url())}
DATABASES["default"]["CONN_MAX_AGE"] = 600
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("OPTIONS", {})["application_name"] = "crm"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LAYER = env("CRM_LAYER_PREFIX", default="crm")
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "hosts": [{"address": redis_url(1), "client_name": LAYER, "redis_connect_func": opened}],
            "prefix": LAYER,
        },
    }
}
CELERY_BROKER_URL = redis_url(2, celery=True)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "Europe/Moscow"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "people:sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "people:sign_in"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "crm.people.views.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "crm.people.views.named"

SESSION_ENGINE = "crm.people.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_URL.startswith("https://")
if SESSION_COOKIE_SECURE:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "crm.web.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

FORM_RENDERER = "django.forms.renderers.Jinja2"

LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "crm" / "locale"]
TIME_ZONE = "Europe/Moscow"
USE_TZ = True

STATIC_URL = "static/"
# Sources of the bundle stay at home: only what is built is served.
STATICFILES_DIRS = [("dist", BASE_DIR / "static/dist"), ("img", BASE_DIR / "static/img")]
STATIC_ROOT = VAR_DIR / "static"
# What people put into cards: a folder, or a bucket of any S3-compatible storage once one is named.
MEDIA_ROOT = VAR_DIR / "files"
FILES_BUCKET = env("FILES_S3_BUCKET", default="")
FILES_STORAGE = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": MEDIA_ROOT}}
if FILES_BUCKET:
    FILES_STORAGE = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": FILES_BUCKET,
            "endpoint_url": env("FILES_S3_ENDPOINT", default=None),
            "access_key": env("FILES_S3_KEY", default=None),
            "secret_key": env("FILES_S3_SECRET", default=None),
            "region_name": env("FILES_S3_REGION", default=None),
            "file_overwrite": False,
            "max_memory_size": 8 * 1024**2,
            "default_acl": None,
        },
    }
FILES_MOST_BYTES = env.int("FILES_MOST_MB", default=20 * 1024) * 1024**2
FILES_MOST_IN_CARD = env.int("FILES_MOST_IN_CARD", default=20_000)
FILES_FREE_FLOOR = env.int("FILES_FREE_FLOOR_MB", default=512) * 1024**2
# Where the web server in front lets files out by itself (X-Accel-Redirect), such as /internal-files/.
FILES_ACCEL = env("FILES_ACCEL", default="")
# host:port or the path of a socket; without it files are taken as they come.
CLAMD = env("CLAMD", default="")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "files": FILES_STORAGE,
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

EMAIL_CONFIG = env.email("EMAIL_URL", default="smtp://127.0.0.1:25")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="crm@localhost")

# Where browsers take messages: an address that a browser names is asked for nothing else.
PUSH_SERVICES = env.list(
    "PUSH_SERVICES",
    default=[
        "https://fcm.googleapis.com", "https://*.push.services.mozilla.com", "https://*.push.apple.com",
        "https://*.notify.windows.com",
    ],
)  # fmt: skip
# Without a token there is no Telegram.
TELEGRAM_TOKEN = env("TELEGRAM_TOKEN", default="")
TELEGRAM_BOT = env("TELEGRAM_BOT", default="")
TELEGRAM_API = env("TELEGRAM_API", default="https://api.telegram.org")

# Calls: how long they ring; the ways of pages to each other (docs/production.md), or a meeting server instead of them.
CALL_RING_SECONDS = env.int("CALL_RING_SECONDS", default=40)
STUN_URLS = env.list("STUN_URLS", default=[])
TURN_URLS = env.list("TURN_URLS", default=[])
TURN_SECRET = env("TURN_SECRET", default="")
TURN_TTL = env.int("TURN_TTL", default=6 * 3600)
MEETING_URL = env("MEETING_URL", default="")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django.request": {"level": "ERROR"}, "crm": {"level": "INFO"}},
}
# The address is unique whatever its case, by a constraint that the check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
