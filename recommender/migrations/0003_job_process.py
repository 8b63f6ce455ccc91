from django.db import migrations, models


class Migration(migrations.Migration):
    """Jobs name their process, so that a killed one frees its place at once."""

    dependencies = [("recommender", "0002_selection")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="process",
            field=models.CharField(blank=True, editable=False, max_length=80, verbose_name="process"),
        ),
    ]
