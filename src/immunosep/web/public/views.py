"""The pages anyone may read. No cookie is set, and for a few minutes a proxy may keep a copy."""

import os
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from immunosep.web.public import study as about
from immunosep.web.public.contact import contacts, other_sites
from immunosep.web.public.gazetteer import (
    Place,
    find_places,
    place_of,
    places_spelt_almost,
)
from immunosep.web.public.houses import houses_of, nearest_first
from immunosep.web.public.maps import overview_of, surroundings_of
from immunosep.web.public.plain_words import words_in
from immunosep.web.public.structured import json_ld
from immunosep.web.trial import site_trial

KEPT_SECONDS = 300  # by a proxy or a browser, for readers who are not logged in
LONGEST_NAME = 100  # letters of a town's name that are looked at
NEAREST_SHOWN = 5

for_everyone = cache_control(public=True, max_age=KEPT_SECONDS)


@require_safe
@for_everyone
def study(request: HttpRequest) -> HttpResponse:
    """What the trial asks, who can join, whether it recruits, and how to refer a patient."""
    trial = site_trial()
    houses = houses_of(trial)
    standing = about.recruitment(trial)
    url = _absolute(reverse("study"))
    shown = {
        "standing": standing,
        "registered": about.registered(trial.registry_ids),
        "given": about.given(trial),
        "window": about.window_in_words(trial),
        "control_share": about.control_share(trial),
        "asked": about.asked_of(trial),
        "words": words_in(about.texts_of(trial)),
        "commitment": about.commitment(),
        "contacts": contacts(os.environ),
        "others": _others(),
        "houses": houses,
        "overview": overview_of(houses) if houses else None,
        "url": url,
        "json_ld": json_ld(trial, url=url, standing=standing, houses=houses),
    }
    return render(request, "public/study.html", shown)


@require_safe
@for_everyone
def find_centre(request: HttpRequest) -> HttpResponse:
    """The centres by their distance from a town that is typed in."""
    houses = houses_of(site_trial())
    town = request.GET.get("town", "")[:LONGEST_NAME].strip()
    places = _places(request.GET.get("place", ""), town)
    shown: dict[str, Any] = {"town": town, "houses": houses, "url": _absolute(request.path)}
    if len(places) == 1:
        shown |= _near(places[0], houses)
    elif places:
        shown |= {"choices": places}
    elif town:
        shown |= {"almost": places_spelt_almost(town)}
    if houses and "place" not in shown:
        shown["overview"] = overview_of(houses)
    return render(request, "public/find_centre.html", shown)


@require_safe
@for_everyone
def robots(request: HttpRequest) -> HttpResponse:
    """What a search engine may read: the public pages."""
    lines = ["User-agent: *", f"Allow: {reverse('study')}$", f"Allow: {reverse('find_centre')}"]
    lines += ["Allow: /static/", "Disallow: /"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Every part a page is made of, for whoever changes the style sheet; not on a live site."""
    if not (settings.DEMO or settings.DEBUG):
        raise Http404
    return render(request, "components.html")


def _places(number: str, town: str) -> tuple[Place, ...]:
    """The place that was chosen, or those of this name."""
    if number.isdecimal() and number.isascii():
        chosen = place_of(int(number[:12]))
        return (chosen,) if chosen else ()
    return find_places(town) if town else ()


def _near(place: Place, houses: tuple[Any, ...]) -> dict[str, Any]:
    nearest = nearest_first(houses, place.point)
    return {
        "place": place,
        "best": next((house for house in nearest if house.open), None),
        "nearest": nearest[:NEAREST_SHOWN],
        "farther": nearest[NEAREST_SHOWN:],
        "surroundings": surroundings_of(place, nearest),
    }


def _others() -> list[dict[str, Any]]:
    sites = other_sites(os.environ)
    return [
        {
            "trial": other,
            "site": sites.get(other.id, ""),
            "registered": about.registered(other.registry_ids),
            "latest": other.amendments[-1] if other.amendments else None,
        }
        for other in about.other_trials(site_trial())
    ]


def _absolute(path: str) -> str:
    return settings.SITE_URL.rstrip("/") + path
