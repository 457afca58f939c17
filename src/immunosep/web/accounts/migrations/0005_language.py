from django.db import migrations, models

from immunosep.web.accounts.unblinded_for_ever import still_stays_unblinded


class Migration(migrations.Migration):
    """In which language somebody reads."""

    dependencies = [("accounts", "0004_shared_memory")]
    operations = still_stays_unblinded(
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(blank=True, default="", max_length=10),
        )
    )
