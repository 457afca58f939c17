from django.db import migrations, models


class Migration(migrations.Migration):
    """In which language somebody reads."""

    dependencies = [("accounts", "0004_shared_memory")]
    operations = [
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(blank=True, default="", max_length=10),
        ),
    ]
