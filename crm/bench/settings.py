"""The product's settings, and beside them what only a measurement may have: an empty page and a count of statements."""

from crm.settings import *  # noqa: F403
from crm.settings import MIDDLEWARE

ROOT_URLCONF = "crm.bench.urls"
MIDDLEWARE = ["crm.bench.counting.CountingMiddleware", *MIDDLEWARE]
