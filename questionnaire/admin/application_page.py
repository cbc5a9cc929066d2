"""What is shown of one application, and to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from events.admin.rights import rights_of
from events.countries import country_name
from events.models import Membership
from questionnaire.models import Answer, Application, Condition, Question, Review
from questionnaire.workflow import anonymity, display, openings, review
from questionnaire.workflow.answers import is_asked


@dataclass(frozen=True)
class ShownAnswer:
    """A question with its answer; `lines` is empty where nothing was said, `upload` is the id of a file.

    `warnings` say where the answer seems to name an offender or a case.
    """

    label: str
    lines: tuple[str, ...]
    organisers_only: bool
    upload: str = ""
    warnings: tuple[str, ...] = ()


def answers_by_section(application: Application, hidden: Q) -> list[tuple[str, list[ShownAnswer]]]:
    """Return what was asked and answered, in the order of the questionnaire; retired questions where answered."""
    questions = (
        Question.objects.filter(event=application.event_id)
        .exclude(hidden)
        .select_related("section")
        .prefetch_related("options", "rows", Prefetch("conditions", Condition.objects.select_related("depends_on")))
        .order_by("section__order", "section__key", "order", "key")
    )
    answers = {answer.question_id: answer for answer in application.answers.select_related("question")}
    checked = display.submitted(list(answers.values()))
    shown = [question for question in questions if question.pk in answers or is_asked(question, checked)]
    return [
        (section.title, [_shown(question, answers.get(question.pk)) for question in group])
        for section, group in groupby(shown, key=lambda question: question.section)
    ]


def _shown(question: Question, answer: Answer | None) -> ShownAnswer:
    lines = display.lines(question, answer.value, answer.text) if answer else ()
    upload = str(answer.value) if answer and question.kind == Question.Kind.FILE else ""
    return ShownAnswer(
        label=question.label,
        lines=lines,
        organisers_only=question.visibility == Question.Visibility.ORGANISERS,
        upload=upload,
        warnings=tuple(display.warnings(question, str(answer.value))) if answer else (),
    )


class Page:
    """The page of an application, before one person of the team.

    Each of `panels` adds to the template's context what belongs to it, or nothing.
    """

    def __init__(
        self,
        model_admin: ModelAdmin[Application],
        request: HttpRequest,
        person: User,
        application: Application,
        panels: Iterable[Callable[[Page], Mapping[str, Any]]],
    ) -> None:
        self.model_admin = model_admin
        self.request = request
        self.person = person
        self.application = application
        self.panels = tuple(panels)
        self.organises = application.event_id in rights_of(request).organised

    @cached_property
    def reviews(self) -> bool:
        """Return whether the person is asked for a review."""
        return review.may_review(self.person, self.application)

    @property
    def label(self) -> str:
        """Return what the person calls the application: the name, or a code where the review is anonymous."""
        if self.organises or not self.application.event.anonymous_review:
            return str(self.application)
        return anonymity.label(self.application)

    @property
    def url(self) -> str:
        """Return the address of the page."""
        return reverse("admin:questionnaire_application_change", args=[self.application.pk])

    @property
    def list_url(self) -> str:
        """Return the address of the list that the application stands in."""
        return f"{reverse('admin:questionnaire_application_changelist')}?event={self.application.event_id}"

    @cached_property
    def own_review(self) -> Review | None:
        """Return the person's own review, which begins with the declaration on conflicts of interest."""
        return self.application.reviews.filter(reviewer=self.person).prefetch_related("scores__criterion").first()

    @property
    def may_see_content(self) -> bool:
        """Return whether the answers are shown."""
        return review.may_see_content(self.person, self.application)

    def note_opening(self) -> None:
        """Note that the person saw what was answered."""
        role = Membership.Role.ORGANISER if self.organises else Membership.Role.REVIEWER
        openings.note(self.application, self.person, role, at=timezone.now())

    def require(self, allowed: bool) -> None:
        """Raise `PermissionDenied` unless the person may do this."""
        if not allowed:
            raise PermissionDenied

    def back(self, level: int, message: str) -> HttpResponseRedirect:
        """Lead back to the page with a message."""
        messages.add_message(self.request, level, message)
        return HttpResponseRedirect(self.url)

    def render(self, **forms: Any) -> TemplateResponse:
        """Show the page; `forms` are those that were posted with errors."""
        context: dict[str, Any] = {
            **self.model_admin.admin_site.each_context(self.request),
            "opts": self.model_admin.opts,
            "title": self.label,
            "list_url": self.list_url,
            "application": self.application,
            "country": country_name(self.application.country),
            "organises": self.organises,
            **self._content(),
        }
        for panel in self.panels:
            context |= panel(self)
        context |= forms
        return TemplateResponse(self.request, "admin/questionnaire/application/change_form.html", context)

    def _content(self) -> dict[str, Any]:
        if not self.may_see_content:
            return {"closed": True}
        self.note_opening()
        hidden = review.hidden_questions(self.person, self.application)
        return {
            "sections": answers_by_section(self.application, hidden),
            "reviews": review.visible_reviews(self.person, self.application),
        }
