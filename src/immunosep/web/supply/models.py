"""Orders, preparations, kits, and the ledger. Contents are ciphertext, equally long for every arm.

Blinded people see these rows whole: nothing in them, their numbers, their order or their count
depends on an arm.
"""

from django.db import models

from immunosep.web.accounts.models import User
from immunosep.web.centres.models import Centre
from immunosep.web.code.models import Slot
from immunosep.web.supply.stations import MovementKind, Station

Q, F = models.Q, models.F


class Order(models.Model):
    """What a participant needs on one treatment day: one dose after another, by route and hour."""

    number = models.CharField(max_length=20, unique=True)  # unpredictable, with a check digit
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="orders")
    participant = models.CharField(max_length=20)
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT)
    immune_state = models.CharField(max_length=60)
    day = models.PositiveSmallIntegerField()  # 1 is the day of the first dose
    doses = models.JSONField()  # [{"route": "iv", "dose": 1, "hour": 0}, ...] hour of treatment
    ordered_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("ordered_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["slot", "day"], name="a participant's day is ordered once"
            ),
        )

    def __str__(self) -> str:
        return self.number


class Preparation(models.Model):
    """One container for one dose: prepared, checked by a second person, handed over, received.

    Where supply comes in kits, one row is one dose of a kit, received when that is dispensed.
    """

    class Status(models.TextChoices):
        PREPARED = "prepared"
        CHECKED = "checked"
        HANDED_OVER = "handed_over"
        RECEIVED = "received"
        GIVEN = "given"
        DISCARDED = "discarded"

    number = models.CharField(max_length=20, unique=True)  # on the label
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="preparations")
    route = models.CharField(max_length=10)
    dose = models.PositiveSmallIntegerField()  # 1 to 45 intravenous, 1 to 8 subcutaneous
    kit = models.ForeignKey(
        "Kit", on_delete=models.PROTECT, null=True, related_name="preparations"
    )  # where supply comes in kits: the one the dose is of
    sealed = models.BinaryField()  # product, lot, expiry, quantity, or a kit: fixed length
    use_before = models.DateTimeField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PREPARED)
    prepared_at = models.DateTimeField()
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    handed_over_at = models.DateTimeField(null=True)
    handed_over_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField(null=True)
    received_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    discarded_at = models.DateTimeField(null=True)
    discarded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    discarded_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["order", "route", "dose"],
                condition=~Q(status="discarded"),
                name="a dose has one preparation in use",
            ),
            models.CheckConstraint(
                condition=Q(checked_by=None) | ~Q(checked_by=F("prepared_by")),
                name="a second person checks",
            ),
            models.CheckConstraint(
                condition=Q(use_before__gt=F("prepared_at")),
                name="a preparation is used after it is prepared",
            ),
            models.CheckConstraint(
                condition=~Q(status="discarded") | ~Q(discarded_because=""),
                name="a discarded preparation has a reason",
            ),
        )

    def __str__(self) -> str:
        return self.number


class Shipment(models.Model):
    """Kits on their way to a centre."""

    number = models.CharField(max_length=20, unique=True)
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(null=True)
    received_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-sent_at", "-id")

    def __str__(self) -> str:
        return self.number


class Kit(models.Model):
    """One numbered container that looks like every other. What is in it is sealed.

    `slot` and `immune_state` bind it, made with the key when it is shipped: the place of the list
    it will serve, should that place's participant be of that state. A kit is bound once: a number
    that served two places would say something of both.
    """

    number = models.CharField(primary_key=True, max_length=20)
    sealed = models.BinaryField()
    batch = models.CharField(max_length=40)  # of packaging: the same for every content
    expires_on = models.DateField()  # as printed: the earliest of the batch's contents
    route = models.CharField(max_length=10)
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, null=True)  # None: the depot
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, null=True, related_name="kits")
    status = models.CharField(  # what the ledger adds up to
        max_length=20, choices=[(s.value, s.label) for s in Station], default=Station.OUTSIDE.value
    )
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, null=True, related_name="kits")
    immune_state = models.CharField(max_length=60, blank=True)
    serial = models.PositiveSmallIntegerField(default=0)  # 1 is used first, the last are spare

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(
                fields=["slot", "immune_state", "route", "serial"],
                name="a place's kit of a route and rank is one",
            ),
            models.CheckConstraint(
                condition=Q(slot=None, shipment=None, serial=0)
                | Q(slot__isnull=False, shipment__isnull=False, serial__gt=0),
                name="a kit is bound when it is shipped",
            ),
        )

    def __str__(self) -> str:
        return self.number


class Movement(models.Model):
    """One line of the ledger: something came, went, or changed. Only `supply.ledger` adds one.

    Of a kit the line says which; of bulk stock product, lot, expiry and quantity are sealed.
    """

    reference = models.CharField(max_length=32, unique=True)  # unpredictable; the seal is about it
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20, choices=[(k.value, k.value) for k in MovementKind])
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, null=True)  # None: the depot
    kit = models.ForeignKey(Kit, on_delete=models.PROTECT, null=True, related_name="movements")
    preparation = models.OneToOneField(
        Preparation, on_delete=models.PROTECT, null=True, related_name="movement"
    )
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, null=True)
    sealed = models.BinaryField(null=True)  # of bulk stock: product, lot, expiry, quantity
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(kit=None, sealed__isnull=False) | Q(kit__isnull=False, sealed=None),
                name="a movement is of a kit or of sealed stock",
            ),
        )


class Excursion(models.Model):
    """A time that stored or shipped product was too warm or too cold, and the decision."""

    class Decision(models.TextChoices):
        RELEASED = "released"
        REJECTED = "rejected"

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, null=True)  # None: the depot
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, null=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    lowest_c = models.FloatField()
    highest_c = models.FloatField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=20, blank=True, choices=Decision.choices)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    because = models.CharField(max_length=300, blank=True)
    kits = models.ManyToManyField(Kit, related_name="excursions")  # set aside because of it

    class Meta:
        ordering = ("-began_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(ended_at__gt=F("began_at")), name="an excursion ends after it began"
            ),
            models.CheckConstraint(
                condition=Q(lowest_c__lte=F("highest_c")), name="a lowest is not above a highest"
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_by=None)
                | (~Q(decision="") & ~Q(because="") & Q(decided_by__isnull=False)),
                name="a decision has a reason and a person",
            ),
        )
