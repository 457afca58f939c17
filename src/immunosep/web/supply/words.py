"""How a page and a label say a route, a volume and a dose: never from the content."""

from datetime import datetime

from immunosep.languages import say
from immunosep.web.centres.models import Centre
from immunosep.web.centres.templatetags.clock import at_centre
from immunosep.web.supply.ordering import component_of

ROUTES = {"iv": "Intravenous", "sc": "Subcutaneous", "oral": "Oral"}


def route_in_words(route: str) -> str:
    """Such as Intravenous."""
    return ROUTES[route]


def status_in_words(status: str) -> str:
    """How far a preparation has come, inside a sentence."""
    return status.replace("_", " ")


def volume_in_words(state: str, route: str, centre: Centre | None = None) -> str:
    """Such as 20 mL; a trial that leaves its volume open says so."""
    volume = component_of(state, route, centre).volume_ml
    return f"{volume:g} mL" if volume is not None else say("as in the protocol")


def dose_in_words(state: str, route: str, dose: int, centre: Centre | None = None) -> str:
    """Such as 4 of 45."""
    return say("{number} of {all}", number=dose, all=component_of(state, route, centre).doses)


def time_in_words(moment: datetime, centre: Centre) -> str:
    """By the centre's clock, with its zone."""
    return at_centre(moment, centre)
