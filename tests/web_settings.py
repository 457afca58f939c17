"""The website's settings as its tests have them: SQLite in memory, or what the variable names."""

import os
import tempfile

os.environ.setdefault(
    "IMMUNOSEP_SECRET_KEY", "a key for tests, which protects nothing at all, ever"
)
os.environ.setdefault("IMMUNOSEP_DEMO", "yes")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "yes"  # a browser's event loop may be alive in the worker
os.environ.setdefault("IMMUNOSEP_LOG_LEVEL", "ERROR")
os.environ["IMMUNOSEP_DATABASE_URL"] = os.environ.get(
    "IMMUNOSEP_TEST_DATABASE_URL", f"sqlite:///{tempfile.gettempdir()}/immunosep-tests.sqlite3"
)

from immunosep.web.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast; never on a site
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
