"""A reviewer's part of an application's page: the declaration first, then the scores."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events.countries import country_name
from questionnaire.admin.application_page import Page
from questionnaire.models import Application, Criterion, Review
from questionnaire.workflow import review


class ScoreForm(forms.Form):
    """A score by each criterion, any of which can wait, and a note."""

    use_required_attribute = False

    def __init__(self, page: Page, data: Any = None) -> None:
        given = {score.criterion.key: score.value for score in page.own_review.scores.all()} if page.own_review else {}
        note = page.own_review.note if page.own_review else ""
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
    own = page.own_review
    return {
        "reviews_this": True,
        "own_review": own,
        "hints": hints(page) if own is None else [],
        "score_form": ScoreForm(page) if own is not None and not own.conflict else None,
        "next_to_review": next_to_review(page),
    }


def hints(page: Page) -> list[str]:
    """Return what speaks for a conflict of interest, by the two addresses."""
    _name, _at, domain = page.person.email.casefold().rpartition("@")
    _name, _at, applicants_domain = page.application.email_key.rpartition("@")
    found = []
    if domain and domain == applicants_domain:
        found.append(_t("The applicant writes from your own organisation’s address: @%(domain)s.") % {"domain": domain})
    country = domain.rpartition(".")[2].upper()
    if country and country == page.application.country:
        found.append(_t("The applicant works in your own country: %(country)s.") % {"country": country_name(country)})
    return found


def next_to_review(page: Page) -> Application | None:
    """Return the next application of the event on which the reviewer has still to do something, or None."""
    done = Review.objects.filter(application=OuterRef("pk"), reviewer=page.person)
    open_ones = (
        review.applications_for(page.person)
        .filter(event=page.application.event_id)
        .exclude(pk=page.application.pk)
        .filter(~Exists(done.filter(Q(conflict=True) | Q(mean_score__isnull=False))))
        .order_by("submitted_at", "pk")
    )
    later = open_ones.filter(submitted_at__gte=page.application.submitted_at)
    return later.first() or open_ones.first()


def declare(page: Page) -> HttpResponse:
    """Record whether there is a conflict of interest."""
    page.require(page.reviews)
    answer = page.request.POST.get("conflict")
    if answer not in {"yes", "no"}:
        raise BadRequest("neither yes nor no")
    try:
        review.declare(page.application, page.person, conflict=answer == "yes", at=timezone.now())
    except ValidationError as error:
        return page.back(messages.ERROR, " ".join(error.messages))
    if answer == "yes":
        return page.back(messages.INFO, _t("Recorded. The answers stay closed to you, and your scores do not count."))
    return page.back(messages.SUCCESS, _t("Recorded: no conflict of interest."))


def score(page: Page) -> HttpResponse:
    """Store the scores and the note, and go on where that was asked for."""
    page.require(page.reviews)
    form = ScoreForm(page, page.request.POST)
    if not form.is_valid():
        return page.render(score_form=form, errors=form.errors)
    try:
        saved = review.save_review(
            page.application, page.person, scores=form.scores(), note=form.cleaned_data["note"], at=timezone.now()
        )
    except ValidationError as error:
        return page.back(messages.ERROR, " ".join(error.messages))
    return _go_on(page, saved)


def _go_on(page: Page, saved: Review) -> HttpResponseRedirect:
    if saved.mean_score is None:
        message = _t("Saved. The review counts as soon as every criterion has its score.")
    else:
        message = _t("Saved. Your mean: %(mean)s of 10.") % {"mean": saved.mean_score}
    if "next" not in page.request.POST:
        return page.back(messages.SUCCESS, message)
    following = next_to_review(page)
    if following is None:
        messages.success(page.request, f"{message} {_t('Nothing is left for you to review.')}")
        return HttpResponseRedirect(page.list_url)
    messages.success(page.request, message)
    return HttpResponseRedirect(reverse("admin:questionnaire_application_change", args=[following.pk]))
