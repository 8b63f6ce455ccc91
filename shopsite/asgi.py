"""The ASGI entry, for hosts that serve ASGI. The shop's views are synchronous: WSGI serves them faster."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopsite.settings")

application = get_asgi_application()
