import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("centres", "0001_initial"),
        ("code", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                ("participant", models.CharField(max_length=20)),
                ("immune_state", models.CharField(max_length=60)),
                ("day", models.PositiveSmallIntegerField()),
                ("doses", models.JSONField()),
                ("ordered_at", models.DateTimeField()),
                ("cancelled_at", models.DateTimeField(null=True)),
                (
                    "centre",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="centres.centre"
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="code.slot",
                    ),
                ),
            ],
            options={
                "ordering": ("ordered_at", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("slot", "day"), name="a participant's day is ordered once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Preparation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                ("route", models.CharField(max_length=10)),
                ("dose", models.PositiveSmallIntegerField()),
                ("sealed", models.BinaryField()),
                ("use_before", models.DateTimeField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("prepared", "Prepared"),
                            ("checked", "Checked"),
                            ("handed_over", "Handed Over"),
                            ("received", "Received"),
                            ("given", "Given"),
                            ("discarded", "Discarded"),
                        ],
                        default="prepared",
                        max_length=12,
                    ),
                ),
                ("prepared_at", models.DateTimeField()),
                ("checked_at", models.DateTimeField(null=True)),
                ("handed_over_at", models.DateTimeField(null=True)),
                ("received_at", models.DateTimeField(null=True)),
                ("discarded_at", models.DateTimeField(null=True)),
                ("discarded_because", models.CharField(blank=True, max_length=300)),
                (
                    "checked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "discarded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "handed_over_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="preparations",
                        to="supply.order",
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "received_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "discarded"), _negated=True),
                        fields=("order", "route", "dose"),
                        name="a dose has one preparation in use",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("checked_by", None),
                            models.Q(("checked_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="a second person checks",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("use_before__gt", models.F("prepared_at"))),
                        name="a preparation is used after it is prepared",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "discarded"), _negated=True),
                            models.Q(("discarded_because", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="a discarded preparation has a reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Shipment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                ("sent_at", models.DateTimeField()),
                ("received_at", models.DateTimeField(null=True)),
                (
                    "centre",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="centres.centre"
                    ),
                ),
                (
                    "received_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-sent_at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="Kit",
            fields=[
                ("number", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("sealed", models.BinaryField()),
                ("batch", models.CharField(max_length=40)),
                ("expires_on", models.DateField()),
                ("route", models.CharField(max_length=10)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("outside", "outside"),
                            ("in_depot", "in depot"),
                            ("in_transit", "in transit"),
                            ("available", "available"),
                            ("quarantined", "quarantined"),
                            ("rejected", "rejected"),
                            ("dispensed", "dispensed"),
                            ("returned", "returned"),
                            ("destroyed", "destroyed"),
                            ("lost", "lost"),
                        ],
                        default="outside",
                        max_length=20,
                    ),
                ),
                ("immune_state", models.CharField(blank=True, max_length=60)),
                ("serial", models.PositiveSmallIntegerField(default=0)),
                (
                    "centre",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="centres.centre"
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="kits",
                        to="code.slot",
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="kits",
                        to="supply.shipment",
                    ),
                ),
            ],
            options={
                "ordering": ("number",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("slot", "immune_state", "route", "serial"),
                        name="a place's kit of a route and rank is one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("serial", 0), ("shipment", None), ("slot", None)),
                            models.Q(
                                ("serial__gt", 0),
                                ("shipment__isnull", False),
                                ("slot__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a kit is bound when it is shipped",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Movement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=32, unique=True)),
                ("at", models.DateTimeField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("pack", "pack"),
                            ("ship", "ship"),
                            ("arrive", "arrive"),
                            ("receive", "receive"),
                            ("dispense", "dispense"),
                            ("quarantine", "quarantine"),
                            ("release", "release"),
                            ("reject", "reject"),
                            ("return", "return"),
                            ("destroy", "destroy"),
                            ("lose", "lose"),
                            ("find", "find"),
                        ],
                        max_length=20,
                    ),
                ),
                ("sealed", models.BinaryField(null=True)),
                ("note", models.CharField(blank=True, max_length=300)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "centre",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="centres.centre"
                    ),
                ),
                (
                    "kit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="movements",
                        to="supply.kit",
                    ),
                ),
                (
                    "preparation",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="movement",
                        to="supply.preparation",
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="supply.shipment"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kit", None), ("sealed__isnull", False)),
                            models.Q(("kit__isnull", False), ("sealed", None)),
                            _connector="OR",
                        ),
                        name="a movement is of a kit or of sealed stock",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Excursion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField()),
                ("lowest_c", models.FloatField()),
                ("highest_c", models.FloatField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("released", "Released"), ("rejected", "Rejected")],
                        max_length=20,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("because", models.CharField(blank=True, max_length=300)),
                (
                    "centre",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="centres.centre"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("kits", models.ManyToManyField(related_name="excursions", to="supply.kit")),
                (
                    "shipment",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="supply.shipment"
                    ),
                ),
            ],
            options={
                "ordering": ("-began_at", "-id"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ended_at__gt", models.F("began_at"))),
                        name="an excursion ends after it began",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("lowest_c__lte", models.F("highest_c"))),
                        name="a lowest is not above a highest",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_by", None), ("decision", "")),
                            models.Q(
                                models.Q(("decision", ""), _negated=True),
                                models.Q(("because", ""), _negated=True),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a decision has a reason and a person",
                    ),
                ],
            },
        ),
    ]
