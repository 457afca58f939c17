"""Django's settings, all of them from the environment; see `environment`."""

import os
from pathlib import Path

from csp.constants import NONE, SELF

from immunosep.errors import SettingsError
from immunosep.web import environment as env

HERE = Path(__file__).resolve().parent
_given = os.environ

DEBUG = env.flag(_given, "DEBUG")
SECRET_KEY = env.text(_given, "SECRET_KEY")
if not SECRET_KEY:
    raise SettingsError(
        "IMMUNOSEP_SECRET_KEY is not set; expected 50 or more unpredictable characters. "
        "`immunosep site init` makes one."
    )
ALLOWED_HOSTS = env.words(_given, "HOSTS", "localhost,127.0.0.1,[::1]")
DATABASES = {"default": env.database(_given)}

# ── The trial, and the two kinds of process ─────────────────────────────────────────────────────

TRIAL = env.text(_given, "TRIAL", "immunosep")
VERSIONS = env.text(_given, "VERSIONS")  # the folder of its later versions
REFERENCE_RANGES = env.text(_given, "REFERENCE_RANGES")  # the laboratories' limits of normal
MEDDRA = env.text(_given, "MEDDRA")  # the folder of the sponsor's own dictionary
CODE_KEY_FILE = _given.get("IMMUNOSEP_CODE_KEY_FILE", "")  # only a keyed process has one
CODE_KEY_PASSPHRASE = env.text(_given, "CODE_KEY_PASSPHRASE")  # or …_PASSPHRASE_FILE
KEYED = bool(CODE_KEY_FILE)
SITE_URL = env.text(_given, "SITE_URL", "http://localhost:8000")
KEYED_URL = env.text(_given, "KEYED_URL", "http://localhost:8001")
ROOT_URLCONF = "immunosep.web.keyed_urls" if KEYED else "immunosep.web.urls"
DEMO = env.flag(_given, "DEMO")  # a teaching site: says so on every page

# ── What it is made of ──────────────────────────────────────────────────────────────────────────

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "immunosep.web.audit",
    "immunosep.web.accounts",
    "immunosep.web.centres",
    "immunosep.web.code",
    "immunosep.web.supply",
    "immunosep.web.enrolment",
    "immunosep.web.casebook",
    "immunosep.web.followup",
    "immunosep.web.safety",
    "immunosep.web.importing",
    "immunosep.web.unblinding",
    "immunosep.web.amendments",
    "immunosep.web.oversight",
    "immunosep.web.pharmacy",
    "immunosep.web.public",
    "immunosep.web.outbox",
    "immunosep.web.api",
]
MIDDLEWARE = [
    "immunosep.web.logs.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "immunosep.web.api.https_only.HttpsOnly",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "immunosep.web.accounts.speaking.PageLanguage",
    "immunosep.web.accounts.middleware.SessionLimits",
    "immunosep.web.accounts.middleware.SecondFactor",
    "immunosep.web.accounts.middleware.PrivatePages",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "immunosep.web.accounts.context.site",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "immunosep.web.centres.templatetags.clock",
                "immunosep.web.centres.templatetags.saying",
            ],
        },
    }
]
WSGI_APPLICATION = "immunosep.web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
STATICFILES_DIRS = [HERE / "static"]
STATIC_ROOT = _given.get("IMMUNOSEP_STATIC_ROOT", "") or None
WHITENOISE_USE_FINDERS = True  # the style sheet is served from the package; nothing to collect

# ── Time and language: UTC inside, the centre's zone on the page ────────────────────────────────

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-gb"
USE_I18N = True
LANGUAGES = [("en-gb", "English"), ("el", "Ελληνικά"), ("de", "Deutsch")]
LOCALE_PATHS = [HERE.parent / "locale"]
FORMAT_MODULE_PATH = "immunosep.web.formats"  # one way to write a number in every language
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_HTTPONLY = True

# ── Who may come in ─────────────────────────────────────────────────────────────────────────────

CACHES = {  # shared by all workers: attempts are counted, and a code works once, over all of them
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_memory",
    }
}
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [  # NIST SP 800-63B 5.1.1.2: length and words, no composition
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "immunosep.web.accounts.password_words.NoWordOfTheTrial"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "immunosep.web.accounts.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "immunosep.web.accounts.adapters.HospitalAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an administrator makes accounts; nobody signs up
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 120  # seconds for which a second password is not asked again
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of a changed password or second factor, to whose it is
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,10/5m/key"}  # axes locks before; codes have no axes
ALLAUTH_TRUSTED_PROXY_COUNT = env.number(_given, "PROXIES", 0)
MFA_SUPPORTED_TYPES = ["totp", "webauthn"]  # recovery codes are made by `accounts.recovery_codes`
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or DEMO
MFA_TOTP_ISSUER = "immunosep"
MFA_ADAPTER = "immunosep.web.accounts.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "immunosep.web.accounts.second_factor_forms.CodeAtLogIn",
    "reauthenticate": "immunosep.web.accounts.second_factor_forms.CodeAgain",
}
SECOND_FACTOR = env.flag(_given, "SECOND_FACTOR", default=not DEMO)  # for roles that need one
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_PROVIDERS = (
    {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "hospital",
                    "name": env.text(_given, "OIDC_NAME", "Hospital log-in"),
                    "client_id": env.text(_given, "OIDC_CLIENT_ID"),
                    "secret": env.text(_given, "OIDC_SECRET"),
                    "settings": {"server_url": env.text(_given, "OIDC_URL")},
                }
            ]
        }
    }
    if env.text(_given, "OIDC_URL")
    else {}
)
AXES_VERBOSE = False  # no line at every start
AXES_FAILURE_LIMIT = 5  # 21 CFR 11.300(d)
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "immunosep.web.accounts.lock_out.address_of"
AXES_CLIENT_IP_CALLABLE = "immunosep.web.accounts.lock_out.place_of"
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_ENABLE_ACCESS_FAILURE_LOG = True

IDLE_SECONDS = 15 * 60  # 21 CFR 11.300(d): a page left open
SESSION_SECONDS = 12 * 3600  # the longest a log-in lasts, whatever is done
SESSION_ENGINE = "immunosep.web.accounts.sessions"
SESSION_COOKIE_AGE = SESSION_SECONDS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# ── What a browser may do with our pages ────────────────────────────────────────────────────────

HTTPS = env.flag(_given, "HTTPS", default=not (DEBUG or DEMO))
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = ["^api/"]  # refused by `api.https_only`, for a program is not led on
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = False  # htmx sends it
_prefix = "__Host-" if HTTPS else ""  # a browser then takes it over HTTPS and of this host alone
SESSION_COOKIE_NAME = f"{_prefix}sessionid"
CSRF_COOKIE_NAME = f"{_prefix}csrftoken"
LANGUAGE_COOKIE_NAME = (
    f"{_prefix}immunosep_language"  # of a reader without an account who chose one
)
CSRF_TRUSTED_ORIGINS = [SITE_URL, KEYED_URL]
X_FRAME_OPTIONS = "DENY"
FILE_UPLOAD_HANDLERS = [  # a file that is given is never written to a disk
    "django.core.files.uploadhandler.MemoryFileUploadHandler"
]
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, SITE_URL, KEYED_URL, *env.origins(env.text(_given, "OIDC_URL"))],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "base-uri": [NONE],
    }
}

# ── The programming interface ───────────────────────────────────────────────────────────────────

API_RATE = env.text(_given, "API_RATE", "300/minute")
REST_FRAMEWORK: dict[str, object] = {  # what an endpoint does not say for itself lets nobody in
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "immunosep.web.api.problems.answer_problem",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "immunosep",
    "DESCRIPTION": "The trial's website for programs: the same actions and permissions.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [],
}

# ── E-mail and logs ─────────────────────────────────────────────────────────────────────────────

EMAIL_BACKEND = env.text(_given, "EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = env.text(_given, "EMAIL_HOST", "localhost")
EMAIL_PORT = env.number(_given, "EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text(_given, "EMAIL_USER")
EMAIL_HOST_PASSWORD = env.text(_given, "EMAIL_PASSWORD")
EMAIL_USE_TLS = env.flag(_given, "EMAIL_TLS")
WEBHOOKS_INSIDE = env.flag(_given, "WEBHOOKS_INSIDE")  # may lead into networks of their own
DEFAULT_FROM_EMAIL = env.text(_given, "EMAIL_FROM", "immunosep@localhost")
LOGGING_CONFIG = "immunosep.web.logs.configure"
LOGGING = {"level": env.text(_given, "LOG_LEVEL", "INFO")}
