"""Switches pgvector on where PostgreSQL has it; elsewhere there is nothing to do, and exact search needs nothing."""

from django.db import DatabaseError, migrations, transaction


def switch_on(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")
        if not cursor.fetchone():
            return
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except DatabaseError:
        # Not every role may. `recommender_doctor` says so where a shop asks for this index.
        return


class Migration(migrations.Migration):
    dependencies = [("recommender", "0003_job_process")]

    operations = [migrations.RunPython(switch_on, migrations.RunPython.noop)]
