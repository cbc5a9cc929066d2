"""The admin site of organisers and reviewers."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.options import TO_FIELD_VAR
from django.contrib.auth.models import User
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.admin import OTPAdminAuthenticationForm
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from events import roles
from events.countries import without_accents
from questionnaire.workflow import alarms, heartbeat, promise, queue

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
APP_DIGITS = 6  # of a code that an authenticator app shows


class SecondFactorForm(OTPAdminAuthenticationForm):
    """Login with password and a code, from the person's authenticator app or of their emergency codes."""

    otp_error_messages = {
        **OTPAdminAuthenticationForm.otp_error_messages,
        "token_required": _("Enter the code from your authenticator app."),
        "device_required": _("This account has no second factor yet. Ask the operator for one."),
        "invalid_token": _("This code is not valid. Wait for the next one and try again."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["otp_token"].widget.attrs |= {
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "aria-describedby": "id_otp_token_helptext",
        }

    def clean_otp(self, user: User | None) -> None:
        """Try the code on one device alone, so that a wrong one never locks the others: apps show six digits."""
        if user is not None:
            token = self.cleaned_data.get("otp_token", "")
            kind = TOTPDevice if len(token) == APP_DIGITS and token.isdecimal() else StaticDevice
            device = kind.objects.filter(user=user, confirmed=True).first()
            self.cleaned_data["otp_device"] = device.persistent_id if device else ""
        super().clean_otp(user)


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
        return allowed and (not settings.REQUIRE_2FA or request.user.is_verified())  # type: ignore[union-attr]

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Refuse what Django's admin would fail on: an empty name of the column to find an object by."""

        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if "" in (request.GET.get(TO_FIELD_VAR), request.POST.get(TO_FIELD_VAR)):
                message = f"{TO_FIELD_VAR} is empty"
                raise SuspiciousOperation(message)
            return view(request, *args, **kwargs)

        return super().admin_view(cast(View, checked), cacheable)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show organisers first what stands between their events and the promise, reviewers how far they are."""
        now = timezone.now()
        rows = promise.figures(list(roles.organised_by(request.user)), now=now)
        work = queue.work_of(request.user) if isinstance(request.user, User) else []
        found = {"figures": rows, "alarms": alarms.standings(rows, now=now), "reviews": work}
        return super().index(request, {**found, **(extra_context or {})})

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Have every page say so when no letter can leave, since nobody works off what is due."""
        silence = heartbeat.silence(timezone.now()) if self.has_permission(request) else None
        return {**super().each_context(request), "silence": silence}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the screens in the order of their names, in which É stands with E."""
        found: list[Any] = super().get_app_list(request, app_label)
        for app in found:
            app["models"].sort(key=lambda screen: without_accents(str(screen["name"])))
        return found

    def get_urls(self) -> list[Any]:
        """Leave out what no screen uses and asks for no rights on an event: autocomplete, and "view on site"."""
        unused = {"autocomplete", "view_on_site"}
        return [url for url in super().get_urls() if getattr(url, "name", None) not in unused]
