"""The pages of a keyed process: the unblinded pharmacy and emergency unblinding, nothing else."""

from django.urls import include, path
from django.views.generic import RedirectView

from immunosep.web.accounts.views import health
from immunosep.web.home import home

handler400 = "immunosep.web.unavailable.request_failed"
handler500 = "immunosep.web.unavailable.something_failed"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="home"), name="front"),
    path("health/", health, name="health"),
    path("account/", include("immunosep.web.accounts.entrance_urls")),
    path("home/", home, name="home"),
    path("pharmacy/", include("immunosep.web.pharmacy.urls")),
    path("reveal/", include("immunosep.web.unblinding.keyed_urls")),
]
