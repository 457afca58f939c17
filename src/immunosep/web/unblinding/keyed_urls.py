"""The address where one treatment is revealed, in a keyed process alone."""

from django.urls import path

from immunosep.web.unblinding.keyed_views import reveal

urlpatterns = [path("<str:number>/", reveal, name="reveal")]
