"""The page on which a participant asks to send a colleague instead."""

from http import HTTPStatus

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from questionnaire.forms.replacement import ReplacementForm
from questionnaire.models import Application
from questionnaire.views import access
from questionnaire.workflow import replacing

PAGE = "questionnaire:participation"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@access.for_applicants
def page(request: HttpRequest, application: Application) -> HttpResponse:
    """Ask who is to come; keep the request on POST, or take it back."""
    access.require_proved(application)
    if request.method == "POST" and request.POST.get("do") == "take_back":
        replacing.take_back(application)
        return redirect(PAGE)
    if not replacing.can_ask(application, timezone.now()) or replacing.open_request(application) is not None:
        return redirect(PAGE)
    form = ReplacementForm(application, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _ask(application, form):
        return redirect(PAGE)
    status = HTTPStatus.BAD_REQUEST if form.is_bound else HTTPStatus.OK
    context = {"event": application.event, "application": application, "form": form}
    return render(request, "questionnaire/replacement.html", context, status=status)


def _ask(application: Application, form: ReplacementForm) -> bool:
    """Ask; return whether it was taken. Where not, the form says why."""
    try:
        replacing.ask(application, form.colleague, reason=form.cleaned_data["reason"], now=timezone.now())
    except replacing.OwnAddress:
        form.add_error("email", ValidationError(_("This is your own address: give that of your colleague.")))
    except replacing.TooOften:
        form.add_error(None, ValidationError(_("You have asked several times. Please reply to one of our letters.")))
    except (replacing.CannotAsk, replacing.AlreadyAsked):
        form.add_error(None, ValidationError(_("Meanwhile your place has changed. Please go back and look at it.")))
    return form.is_valid()
