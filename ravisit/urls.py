"""The addresses of the whole site; pages for people stand below their language."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from ravisit import health

urlpatterns = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("", include("events.urls_without_language")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    *i18n_patterns(
        path("", include("questionnaire.urls")),
        path("", include("events.urls")),
    ),
]

handler400 = "events.views.bad_request"
handler403 = "events.views.permission_denied"
handler404 = "events.views.page_not_found"
handler500 = "events.views.server_error"
