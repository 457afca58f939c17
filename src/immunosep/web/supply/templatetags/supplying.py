"""How pages show numbers, routes, volumes and stations."""

from datetime import date

from django import template

from immunosep.randomisation.tokens import spaced
from immunosep.web.centres.templatetags.clock import day_in_words
from immunosep.web.supply.models import Order, Preparation
from immunosep.web.supply.stations import Station
from immunosep.web.supply.words import (
    dose_in_words,
    route_in_words,
    status_in_words,
    volume_in_words,
)

register = template.Library()

register.filter("spaced", spaced)
register.filter("route_word", route_in_words)
register.filter("status_word", status_in_words)
register.filter("day", day_in_words)

TONES = {
    "prepared": "unknown",
    "checked": "calm",
    "handed_over": "calm",
    "received": "calm",
    "given": "met",
    "discarded": "not-met",
    "available": "met",
    "quarantined": "warn",
    "rejected": "not-met",
    "lost": "not-met",
    "in_transit": "unknown",
}


@register.filter
def tone(status: str) -> str:
    """The class of a status's badge."""
    return TONES.get(status, "")


@register.filter
def station(status: str) -> str:
    """A kit's status in words."""
    return Station(status).label


@register.filter
def iso_day(text: str) -> str:
    """A day as a sealed content keeps it, in words."""
    return day_in_words(date.fromisoformat(text))


@register.filter
def unit(text: str) -> str:
    """A unit as it is read: µg, which the trial value writes ug."""
    return text.replace("ug", "µg")


@register.filter
def volume(order: Order, route: str) -> str:
    """The volume of an order's doses by a route, the same for every content."""
    return volume_in_words(order.immune_state, route, order.centre)


@register.filter
def dose_of(preparation: Preparation) -> str:
    """Such as 4 of 45."""
    order = preparation.order
    return dose_in_words(order.immune_state, preparation.route, preparation.dose, order.centre)
