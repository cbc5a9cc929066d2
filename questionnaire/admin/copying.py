"""The page on which the questionnaire of another event is taken over."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events.admin.rights import rights_of
from events.models import Event
from questionnaire.admin.guard import builder_url
from questionnaire.models import Question
from questionnaire.workflow import building, copying
from questionnaire.workflow.copying import Along, Copied


class CopyForm(forms.Form):
    """Which questionnaire to take over, and what goes along."""

    source = forms.ModelChoiceField(Event.objects.none(), label=_("Event to copy from"))
    criteria = forms.BooleanField(label=_("Criteria of the review"), required=False, initial=True)
    quotas = forms.BooleanField(label=_("Balance (quotas)"), required=False, initial=True)
    letters = forms.BooleanField(label=_("Texts of the letters"), required=False, initial=True)
    replace = forms.BooleanField(
        label=_("Delete the present questions and quotas of this event"),
        error_messages={"required": _("Tick this box to replace them, or leave this page.")},
    )

    def __init__(self, request: HttpRequest, target: Event) -> None:
        super().__init__(request.POST or None)
        others = Event.objects.filter(pk__in=rights_of(request).organised).exclude(pk=target.pk)
        live = Question.objects.filter(event=OuterRef("pk"), retired=False)
        source = self.fields["source"]
        source.queryset = others.filter(Exists(live))  # type: ignore[attr-defined]
        if not Question.objects.filter(event=target).exists():
            del self.fields["replace"]

    def along(self) -> Along:
        """Return what was ticked."""
        ticked = self.cleaned_data
        return Along(criteria=ticked["criteria"], quotas=ticked["quotas"], letters=ticked["letters"])


def copy_view(request: HttpRequest, event: Event, context: dict[str, Any]) -> HttpResponseBase:
    """Ask what to copy, and copy it."""
    form = CopyForm(request, event)
    can_take = copying.can_take(event)
    if request.method == "POST" and can_take and form.is_valid() and _copy(request, event, form):
        return HttpResponseRedirect(builder_url(event.pk))
    context |= {
        "title": _t("Copy a questionnaire: %(event)s") % {"event": event},
        "form": form,
        "can_take": can_take,
    }
    return TemplateResponse(request, "admin/questionnaire/section/copy.html", context)


def _copy(request: HttpRequest, event: Event, form: CopyForm) -> bool:
    """Copy and say what was; return whether anything was copied."""
    try:
        copied = copying.copy_questionnaire(form.cleaned_data["source"], event, form.along())
    except copying.HasApplications:
        form.add_error(None, _t("Somebody has begun to apply to this event: its questionnaire cannot be replaced."))
    except copying.NothingToCopy:
        form.add_error("source", _t("This event has no questions."))
    except building.WouldBreak as broken:
        form.add_error(None, _t("This event is published, and the questionnaire is not fit to be yet:"))
        for problem in broken.problems:
            form.add_error(None, building.in_full(problem))
    else:
        _report(request, copied)
        return True
    return False


def _report(request: HttpRequest, copied: Copied) -> None:
    questions = ngettext("%(number)d question", "%(number)d questions", copied.questions)
    sections = ngettext("%(number)d section", "%(number)d sections", copied.sections)
    messages.success(
        request,
        _t("Copied: %(questions)s in %(sections)s; criteria: %(criteria)d, quotas: %(quotas)d, letters: %(letters)d.")
        % {
            "questions": questions % {"number": copied.questions},
            "sections": sections % {"number": copied.sections},
            "criteria": copied.criteria,
            "quotas": copied.quotas,
            "letters": copied.letters,
        },
    )
    for condition in copied.left_behind:
        messages.warning(
            request,
            _t("Left behind, since it looks at what is retired: %(condition)s") % {"condition": condition},
        )
