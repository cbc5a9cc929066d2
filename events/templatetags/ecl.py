"""Form inputs as the Europa Component Library draws them, for the crispy-forms template pack `ecl`."""

from django import forms, template
from django.forms.boundfield import BoundField
from django.forms.widgets import Input
from django.utils.safestring import SafeString

register = template.Library()

# The first kind that a widget is of decides.
WIDGET_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxInput, "ecl-checkbox__input"),
    (forms.Select, "ecl-select"),
    (forms.FileInput, "rv-file"),
    (forms.Textarea, "ecl-text-area ecl-text-area--l"),
    (forms.Widget, "ecl-text-input ecl-text-input--l"),
)
INVALID_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.Textarea, "ecl-text-area--invalid"),
    (forms.CheckboxInput, ""),
    (forms.FileInput, ""),
    (Input, "ecl-text-input--invalid"),
)


@register.simple_tag
def ecl_widget(field: BoundField) -> SafeString:
    """Render the input of a field, with the classes of its kind after those of its own."""
    widget = field.field.widget
    classes = [widget.attrs.get("class", ""), _first_match(widget, WIDGET_CLASSES)]
    if field.errors:
        classes.append(_first_match(widget, INVALID_CLASSES))
    return field.as_widget(attrs={"class": " ".join(filter(None, classes))})


@register.filter
def first_input_id(field: BoundField) -> str:
    """Return the id of the input that a link to the field leads to: of several choices, the first."""
    one_of_several = isinstance(field.field.widget, forms.RadioSelect)
    return f"{field.auto_id}_0" if one_of_several else field.auto_id


@register.filter
def stands_beside(field: BoundField) -> bool:
    """Return whether a text belongs to a choice above it ("other: please say which")."""
    return "data-beside" in field.field.widget.attrs


def _first_match(widget: forms.Widget, table: tuple[tuple[type[forms.Widget], str], ...]) -> str:
    return next((css_class for kind, css_class in table if isinstance(widget, kind)), "")
