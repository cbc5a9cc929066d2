"""The admin site of organisers and reviewers."""

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_otp.admin import OTPAdminAuthenticationForm


class SecondFactorForm(OTPAdminAuthenticationForm):
    """Login with password and second factor, in the project's own template."""


class RavisitAdminSite(AdminSite):
    """Django's admin; every request needs a verified second factor where `REQUIRE_2FA` is set.

    The check stands in `has_permission`, which the site asks at each request, so that no other way
    of logging in leads past it.
    """

    site_header = site_title = "ravisit"
    index_title = _("Organising and reviewing")
    site_url = "/"
    enable_nav_sidebar = False

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        if settings.REQUIRE_2FA:
            self.login_form = SecondFactorForm
            self.login_template = "otp/admin111/login.html"

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether this user may enter the admin at all."""
        allowed = super().has_permission(request)
        return allowed and (not settings.REQUIRE_2FA or request.user.is_verified())
