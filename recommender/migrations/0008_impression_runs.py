from django.db import migrations, models


class Migration(migrations.Migration):
    """An impression says what filled its places, run by run: one list may come from several strategies."""
    dependencies = [
        ("recommender", "0007_placements"),
    ]

    operations = [
        migrations.RenameField(model_name="impression", old_name="strategy", new_name="runs"),
        migrations.AlterField(
            model_name="impression",
            name="runs",
            field=models.CharField(blank=True, max_length=400, verbose_name="what filled the places"),
        ),
        migrations.RemoveField(model_name="impression", name="fallbacks"),
    ]
