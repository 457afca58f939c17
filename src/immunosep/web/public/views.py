"""The pages anyone may read. No cookie is set, and for a few minutes a proxy may keep a copy."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe


@require_safe
def study(request: HttpRequest) -> HttpResponse:
    """What the trial asks, who can join, whether it recruits, and how to refer a patient."""
    return render(request, "public/study.html")


@require_safe
def find_centre(request: HttpRequest) -> HttpResponse:
    """The centres by their distance from a town that is typed in."""
    return render(request, "public/find_centre.html")


@require_safe
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
