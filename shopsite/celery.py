"""The Celery application. Its settings are the `CELERY_*` names of `shopsite.settings`."""

import os

from celery import Celery

from recommender.monitoring import request_ids

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopsite.settings")

app = Celery("shopsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
request_ids.follow_into_tasks()
