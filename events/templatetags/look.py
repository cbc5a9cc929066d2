"""What templates need for the look of every page."""

from decimal import Decimal

from django import template
from django.conf import settings
from django.contrib.auth.models import User
from django.template import Context
from django.templatetags.static import static
from django.urls import translate_url
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _

from events.agenda import zone_name
from events.models import Event
from events.team import name_of

register = template.Library()
register.filter("zone_name", zone_name, expects_localtime=True)


@register.filter
def day_range(event: Event) -> str:
    """Write the days of an event, as short as the language allows."""
    first, last = event.first_day, event.last_day
    if first == last:
        return date_format(first)
    same_month = (first.year, first.month) == (last.year, last.month)
    days = {"first": date_format(first, "j" if same_month else "DATE_FORMAT"), "last": date_format(last)}
    return (_("%(first)s and %(last)s") if (last - first).days == 1 else _("%(first)s to %(last)s")) % days


@register.filter
def person(user: User | None) -> str:
    """Return what people call somebody of the team; a dash for nobody."""
    return name_of(user) if user else "–"


@register.filter
def signed(number: Decimal | int) -> str:
    """Write a number with its sign, as what is added or taken away is told; zero has none."""
    size = Decimal(number)
    return ("+" if size > 0 else "−" if size < 0 else "") + number_format(abs(size))


@register.simple_tag
def site_name() -> str:
    """Return the name of the site."""
    return str(settings.SITE_NAME)


@register.simple_tag
def base_url() -> str:
    """Return the address of the site, without a slash at its end."""
    return str(settings.BASE_URL)


@register.simple_tag
def privacy_notice_version() -> str:
    """Return the version of the privacy notice, which is stored with each consent."""
    return str(settings.PRIVACY_NOTICE_VERSION)


@register.simple_tag
def icon(name: str, size: str = "s", css_class: str = "") -> SafeString:
    """Draw an icon of the Europa Component Library, for the eye alone; sizes are 2xs to 2xl."""
    return format_html(
        '<svg class="ecl-icon ecl-icon--{} {}" focusable="false" aria-hidden="true"><use href="{}#{}"></use></svg>',
        size,
        css_class,
        static("ecl/icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def languages(context: Context) -> list[dict[str, str]]:
    """Return each language with its code, its own name, and where the page is found in it.

    `url` is empty for the active language; a page that has no other version leads to the start.
    """
    path = context["request"].path
    return [
        {"code": code, "name": get_language_info(code)["name_local"].capitalize(), "url": _in_language(path, code)}
        for code, _name in settings.LANGUAGES
    ]


def _in_language(path: str, code: str) -> str:
    if code == get_language():
        return ""
    translated = translate_url(path, code)
    return f"/{code}/" if translated == path else translated
