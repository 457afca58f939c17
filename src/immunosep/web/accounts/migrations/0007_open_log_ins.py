from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def forget(apps: Any, _editor: Any) -> None:
    """Rows of the table before, which nothing reads any more: everybody logs in again."""
    apps.get_model("sessions", "Session").objects.all().delete()


class Migration(migrations.Migration):
    """Sessions with the account that each belongs to."""

    dependencies = [
        ("accounts", "0006_hashed_recovery_codes"),
        ("sessions", "0001_initial"),
    ]
    operations = [
        migrations.CreateModel(
            name="OpenLogIn",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                        verbose_name="session key",
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="open_log_ins",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
            },
        ),
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
