"""The ASGI entry point; event streams need it, so there is no WSGI one."""

import os

from django.core.asgi import get_asgi_application

from carerix_calendar.webhook_gate import guarded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carerix_calendar.settings")
application = guarded(get_asgi_application())
