"""`python -m tests.realservices.importing_by_celery FOLDER`: the import command, its tasks going to workers."""

import sys

import django
from django.conf import settings
from django.core.management import call_command

if __name__ == "__main__":
    settings.RECOMMENDER["TASKS"] = "celery"
    django.setup()
    call_command("recommender_import", sys.argv[1])
