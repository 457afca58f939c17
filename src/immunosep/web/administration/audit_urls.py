"""The address of the audit trail."""

from django.urls import path

from immunosep.web.administration.audit_views import audit

urlpatterns = [path("", audit, name="audit")]
