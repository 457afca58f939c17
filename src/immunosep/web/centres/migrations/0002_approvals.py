import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("centres", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("given_by", models.CharField(max_length=200)),
                ("reference", models.CharField(max_length=100)),
                ("approved_on", models.DateField()),
                ("trial_version", models.CharField(max_length=100)),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.BigIntegerField(null=True)),
                (
                    "centre",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to="centres.centre",
                    ),
                ),
            ],
            options={
                "ordering": ("approved_on", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("centre", "given_by", "reference"),
                        name="an approval is recorded once",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="centre",
            constraint=models.CheckConstraint(
                condition=models.Q(("opened_at", None), ("status", "open"), _negated=True),
                name="an open centre has opened",
            ),
        ),
        migrations.AddConstraint(
            model_name="centre",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["planned", "open", "paused", "closed"])),
                name="a centre is planned, open, paused or closed",
            ),
        ),
    ]
