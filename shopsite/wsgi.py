"""The WSGI entry for gunicorn: `gunicorn shopsite.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

from shopsite.headers import HarmlessContentType

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopsite.settings")

application = HarmlessContentType(get_wsgi_application())
