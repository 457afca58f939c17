"""The pages of a site process, which serves everyone and holds no code key."""

from django.urls import include, path

from immunosep.web.accounts.views import health
from immunosep.web.home import home

handler400 = "immunosep.web.unavailable.request_failed"
handler500 = "immunosep.web.unavailable.something_failed"
urlpatterns = [
    path("health/", health, name="health"),
    path("account/", include("immunosep.web.accounts.entrance_urls")),
    path("home/", home, name="home"),
    path("", include("immunosep.web.public.urls")),
    path("patients/", include("immunosep.web.enrolment.urls")),
    path("", include("immunosep.web.followup.urls")),
    path("casebook/", include("immunosep.web.casebook.urls")),
    path("safety/", include("immunosep.web.safety.urls")),
    path("supply/", include("immunosep.web.supply.urls")),
    path("unblinding/", include("immunosep.web.unblinding.urls")),
    path("amendments/", include("immunosep.web.amendments.urls")),
    path("imports/", include("immunosep.web.importing.urls")),
    path("oversight/", include("immunosep.web.oversight.urls")),
    path("audit/", include("immunosep.web.administration.audit_urls")),
    path("people/", include("immunosep.web.accounts.urls")),
    path("centres/", include("immunosep.web.administration.centre_urls")),
    path("", include("immunosep.web.outbox.urls")),
    path("tokens/", include("immunosep.web.api.token_urls")),
    path("", include("immunosep.web.api.urls")),
]
