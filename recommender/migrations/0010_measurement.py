from django.db import migrations


class Migration(migrations.Migration):
    """The list of days is the page of figures."""
    dependencies = [
        ("recommender", "0009_rules"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="dailyfigures",
            options={"verbose_name": "figures of a day", "verbose_name_plural": "measurement"},
        ),
    ]
