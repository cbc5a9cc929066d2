"""The admin site of organisers and reviewers."""

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.admin import OTPAdminAuthenticationForm

from events import roles
from questionnaire.workflow import promise


class SecondFactorForm(OTPAdminAuthenticationForm):
    """Login with password and a code; which of a person's devices made the code is found out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["otp_token"].widget.attrs |= {
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "aria-describedby": "id_otp_token_helptext",
        }


class RavisitAdminSite(AdminSite):
    """Django's admin; every request needs a verified second factor where `REQUIRE_2FA` is set.

    The check stands in `has_permission`, which the site asks at each request, so that no other way
    of logging in leads past it.
    """

    site_header = site_title = settings.SITE_NAME
    index_title = _("Organising and reviewing")
    site_url = "/"
    enable_nav_sidebar = False

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        if settings.REQUIRE_2FA:
            self.login_form = SecondFactorForm

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether this user may enter the admin at all."""
        allowed = super().has_permission(request)
        return allowed and (not settings.REQUIRE_2FA or request.user.is_verified())

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show organisers first what stands between their events and the promise."""
        rows = promise.figures(list(roles.organised_by(request.user)), now=timezone.now())
        return super().index(request, {"figures": rows, **(extra_context or {})})
