"""The operators' screen of accounts. What a person may do stands in the team of each event, not here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django_otp.plugins.otp_static.admin import StaticDeviceAdmin
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.admin import TOTPDeviceAdmin
from django_otp.plugins.otp_totp.models import TOTPDevice

from events import team
from events.models import Event, Membership
from ravisit import second_factor

# Rights follow from an event's team, and secrets are shown once: these screens of other apps give way. Their
# modules are named here, so that they are registered by now.
for screen, model in (
    (UserAdmin, User),
    (GroupAdmin, Group),
    (TOTPDeviceAdmin, TOTPDevice),
    (StaticDeviceAdmin, StaticDevice),
):
    if isinstance(admin.site.get_model_admin(model), screen):
        admin.site.unregister(model)


class OperatorsOnly:
    """A screen for superusers."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the screen to superusers."""
        return _is_operator(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow superusers."""
        return _is_operator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow superusers."""
        return _is_operator(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow superusers."""
        return _is_operator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: history and reviews name the person; take the access away instead."""
        return False


def _is_operator(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_active and request.user.is_superuser


@admin.register(User)
class AccountAdmin(OperatorsOnly, UserAdmin[User]):
    """Accounts: who may log in, with which second factor."""

    list_display = ["username", "first_name", "last_name", "email", "is_active", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_superuser"]
    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": (("first_name", "last_name"), "email")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser", ("last_login", "date_joined"))}),
    )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Hand on what somebody is to review whose access is taken away."""
        super().save_model(request, obj, form, change)
        if "is_active" in form.changed_data and not obj.is_active:
            reviewing = {"memberships__user": obj, "memberships__role": Membership.Role.REVIEWER}
            for event in Event.objects.filter(**reviewing):
                team.hand_over(event, {obj}, at=timezone.now())

    def get_urls(self) -> list[URLPattern]:
        """Add the second factor."""
        view = self.admin_site.admin_view(never_cache(self.second_factor_view))
        return [path("<int:pk>/second-factor/", view, name="auth_user_second_factor"), *super().get_urls()]

    def second_factor_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make a new second factor, and show it this once."""
        if not _is_operator(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        user = self.get_object(request, str(pk))
        if user is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))  # type: ignore[attr-defined,no-any-return]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _t("Second factor of %(person)s") % {"person": user},
            "person": user,
            "enrolment": second_factor.enrol(user),
        }
        return TemplateResponse(request, "admin/auth/user/second_factor.html", context)
