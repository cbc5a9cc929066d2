"""A reviewer's part of an application's page: the declaration first, then the scores."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events.admin.rights import person_of, rights_of
from events.countries import country_name
from events.models import Event
from questionnaire.admin.application_page import Page
from questionnaire.models import Criterion, Review
from questionnaire.states import UNDER_REVIEW
from questionnaire.workflow import conflicts, queue, review
from questionnaire.workflow.conflicts import Tie


class ScoreForm(forms.Form):
    """A score by each criterion, any of which can wait, and a note."""

    use_required_attribute = False

    def __init__(self, page: Page, data: Any = None) -> None:
        self.own_review = page.own_review
        given = {score.criterion.key: score.value for score in self.own_review.scores.all()} if self.own_review else {}
        note = self.own_review.note if self.own_review else ""
        super().__init__(data, initial={**given, "note": note})
        criteria = page.application.event.criteria.prefetch_related("steps")
        self.criteria = list(criteria.order_by("order", "key"))
        for criterion in self.criteria:
            self.fields[criterion.key] = forms.TypedChoiceField(
                label=criterion.name,
                help_text=criterion.description,
                choices=scale(criterion),
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
            )
        self.fields["note"] = forms.CharField(
            label=_("Note for the organisers"),
            required=False,
            max_length=5000,
            widget=forms.Textarea(attrs={"rows": 4}),
        )

    @property
    def revision(self) -> str:
        """Return what changes with each save; empty before the first."""
        return revision(self.own_review) if self.own_review else ""

    def scales(self) -> list[forms.BoundField]:
        """Return the fields of the criteria."""
        return [self[criterion.key] for criterion in self.criteria]

    def scores(self) -> dict[str, int | None]:
        """Return the scores by criterion key."""
        return {criterion.key: self.cleaned_data[criterion.key] for criterion in self.criteria}


def scale(criterion: Criterion) -> list[tuple[int, SafeString]]:
    """Return the scores of a criterion from 0 up, each with what earns it where that is described."""
    described = {step.score: step.description for step in criterion.steps.all()}
    return [
        (score, format_html("<b>{}</b> {}", score, described.get(score, ""))) for score in range(criterion.maximum + 1)
    ]


def context(page: Page) -> dict[str, Any]:
    """Return what a reviewer has to do here."""
    if not page.reviews:
        return {}
    event = page.application.event
    return {
        "reviews_this": True,
        "own_review": page.own_review,
        "progress": queue.progress(page.person, event),
        "next_to_review": queue.following(page.person, event, after=page.application),
        **_to_do(page),
    }


def _to_do(page: Page) -> dict[str, Any]:
    """Return the form that waits for the reviewer: none once the decision rests on the reviews as they are."""
    if page.application.state not in UNDER_REVIEW:
        return {"reviews_ended": True}
    own = page.own_review
    return _declaring(page) if own is None or own.conflict else {"score_form": ScoreForm(page)}


def _declaring(page: Page) -> dict[str, Any]:
    return {
        "hints": hints(page),
        "must_explain": review.must_explain(page.person, page.application),
        "reason_form": ReasonForm(),
    }


class ReasonForm(forms.Form):
    """Why there is no conflict of interest."""

    because = forms.CharField(
        label=_("Why there is none"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


def hints(page: Page) -> list[str]:
    """Return what the reviewer and the applicant have in common, in words; no address in an anonymous review."""
    application = page.application
    found = conflicts.between(page.person, application)
    if application.event.anonymous_review:
        found -= {Tie.ADDRESS}
    values = {
        "organisation": application.organisation,
        "country": country_name(application.country),
        "domain": conflicts.person_of_applicant(application).domain,
    }
    return [str(tie.value) % values for tie in Tie if tie in found]


def declare(page: Page) -> HttpResponse:
    """Record whether there is a conflict of interest; with one, somebody else gets the application."""
    page.require(page.reviews)
    answer = page.request.POST.get("conflict")
    form = ReasonForm(page.request.POST)
    if answer not in {"yes", "no"}:
        raise BadRequest("neither yes nor no")
    if not form.is_valid():
        return page.render(reason_form=form)
    try:
        review.declare(
            page.application,
            page.person,
            conflict=answer == "yes",
            because=form.cleaned_data["because"] if answer == "no" else "",
            at=timezone.now(),
        )
    except ValidationError as error:
        if not hasattr(error, "error_dict"):
            return page.back(messages.ERROR, " ".join(error.messages))
        form.add_error(None, error)
        return page.render(reason_form=form)
    if answer == "no":
        return page.back(messages.SUCCESS, _t("Recorded: no conflict of interest."))
    messages.info(page.request, _t("Recorded. The answers stay closed to you, and your scores do not count."))
    return _to_next(page)


def score(page: Page) -> HttpResponse:
    """Store the scores and the note, and go on where that was asked for."""
    page.require(page.reviews)
    form = ScoreForm(page, page.request.POST)
    if not form.is_valid():
        return page.render(score_form=form, errors=form.errors)
    now = timezone.now()
    try:
        saved = review.save_review(
            page.application, page.person, scores=form.scores(), note=form.cleaned_data["note"], at=now
        )
    except ValidationError as error:
        return page.back(messages.ERROR, " ".join(error.messages))
    go = page.request.POST.get("go", "")
    if go == "later":
        queue.put_off(page.person, page.application, at=now)
        said = _t("Saved, and moved to the end of your queue.")
        messages.success(page.request, _t("%(application)s: %(said)s") % {"application": page.label, "said": said})
        return _to_next(page)
    if go != "next":
        return page.back(messages.SUCCESS, _said(saved))
    messages.success(page.request, _t("%(application)s: %(said)s") % {"application": page.label, "said": _said(saved)})
    return _to_next(page)


def _said(saved: Review) -> str:
    if saved.mean_score is None:
        return _t("Saved. The review counts as soon as every criterion has its score.")
    return _t("Saved. Your mean: %(mean)s of 10.") % {"mean": number_format(saved.mean_score, 2)}


def _to_next(page: Page) -> HttpResponseRedirect:
    """Lead to what is to be reviewed next, or to the list where nothing is left."""
    following = queue.following(page.person, page.application.event, after=page.application)
    if following is None:
        progress = queue.progress(page.person, page.application.event)
        if not progress.left:
            messages.success(page.request, _t("Nothing is left for you to review."))
        return HttpResponseRedirect(page.list_url)
    return HttpResponseRedirect(reverse("admin:questionnaire_application_change", args=[following.pk]))


def autosave(page: Page) -> HttpResponse:
    """Store the scores that were just given, and the note; say how far the reviewer is."""
    page.require(page.reviews)
    form = ScoreForm(page, page.request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=HTTPStatus.BAD_REQUEST)
    given = {key: value for key, value in form.scores().items() if key in page.request.POST}
    note = form.cleaned_data["note"] if "note" in page.request.POST else None
    try:
        saved = review.save_part(page.application, page.person, scores=given, note=note, at=timezone.now())
    except ValidationError as error:
        return JsonResponse({"errors": error.messages}, status=HTTPStatus.CONFLICT)
    progress = queue.progress(page.person, page.application.event)
    return JsonResponse(
        {
            "revision": revision(saved),
            "complete": saved.mean_score is not None,
            "progress": progress.in_words,
            "done": progress.done,
        }
    )


def revision(saved: Review) -> str:
    """Return what changes with each save of a review."""
    return saved.saved_at.isoformat()


def next_view(request: HttpRequest, event_id: int) -> HttpResponse:
    """Lead a reviewer to the next application of their queue, or to the list where nothing is left."""
    event = get_object_or_404(Event, pk=event_id, pk__in=rights_of(request).reviewed)
    following = queue.following(person_of(request), event)
    if following is None:
        messages.info(request, _t("Nothing is left for you to review."))
        return HttpResponseRedirect(f"{reverse('admin:questionnaire_application_changelist')}?event={event.pk}")
    return HttpResponseRedirect(reverse("admin:questionnaire_application_change", args=[following.pk]))
