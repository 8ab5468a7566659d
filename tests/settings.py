"""Settings of the test suite: the product's own, with fast hashing and nothing outside this machine."""

import os

os.environ.setdefault("DEBUG", "false")
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.setdefault("FIELD_ENCRYPTION_KEYS", "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=")
os.environ.setdefault("SANDBOX_URL", "http://127.0.0.1:1")
if "TEST_DATABASE_URL" in os.environ:
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
if "TEST_REDIS_URL" in os.environ:
    server, _, number = os.environ["TEST_REDIS_URL"].rpartition("/")
    # What one process of the suite forgets must stay known to the other: each has a Redis database of its own.
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    os.environ["REDIS_URL"] = f"{server}/{int(number) - process}"

from carerix_calendar.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"  # noqa: F405
if "TEST_REDIS_URL" not in os.environ:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    CELERY_BROKER_URL = "memory://"
CELERY_TASK_ALWAYS_EAGER = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
AXES_ENABLED = False
# Files are the business of the journeys: each client of a test would list them all anew.
SERVESTATIC_USE_FINDERS = SERVESTATIC_USE_MANIFEST = SERVESTATIC_USE_STATIC_ROOT = False
