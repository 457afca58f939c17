import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("centres", "0003_versions"),
        ("enrolment", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Version",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100, unique=True)),
                ("source", models.TextField(blank=True)),
                ("taken_at", models.DateTimeField()),
            ],
            options={
                "ordering": ("taken_at", "name"),
            },
        ),
        migrations.CreateModel(
            name="Amendment",
            fields=[
                ("number", models.AutoField(primary_key=True, serialize=False)),
                ("replaces", models.CharField(max_length=64)),
                ("difference", models.JSONField()),
                ("reason", models.TextField()),
                ("needs_authority", models.BooleanField()),
                ("asks_again", models.BooleanField()),
                ("proposed_at", models.DateTimeField()),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendments",
                        to="amendments.version",
                    ),
                ),
            ],
            options={
                "ordering": ("-number",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="an amendment says why it is made",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BoundConsent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("bound_at", models.DateTimeField()),
                (
                    "amendment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="amendments.amendment",
                    ),
                ),
                (
                    "bound_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "consent_version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendment",
                        to="enrolment.consentversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Activation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("replaced", models.CharField(max_length=64)),
                ("activated_at", models.DateTimeField()),
                (
                    "activated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "centre",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activations",
                        to="centres.centre",
                    ),
                ),
                (
                    "amendment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activations",
                        to="amendments.amendment",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("amendment", "centre"),
                        name="an amendment goes live at a centre once",
                    )
                ],
            },
        ),
    ]
