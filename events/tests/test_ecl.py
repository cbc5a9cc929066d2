"""The crispy-forms template pack: names, errors and help that a screen reader finds, and nothing inline."""

from html.parser import HTMLParser

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout, Submit
from crispy_forms.utils import render_crispy_form
from django import forms

PAYLOAD = "<script>alert(1)</script>"


class SampleForm(forms.Form):
    """Every kind of input."""

    use_required_attribute = False

    name = forms.CharField(help_text="As in your passport")
    email = forms.EmailField()
    story = forms.CharField(widget=forms.Textarea(attrs={"data-maxlength": 10}), required=False)
    country = forms.ChoiceField(choices=[("", "Choose"), ("FR", "France")])
    group = forms.ChoiceField(choices=[("a", "First"), ("b", PAYLOAD)], widget=forms.RadioSelect, help_text="One only")
    stages = forms.MultipleChoiceField(
        choices=[("p", "Prison"), ("q", "Probation")], widget=forms.CheckboxSelectMultiple
    )
    agreed = forms.BooleanField(label=PAYLOAD)
    paper = forms.FileField(required=False)
    other = forms.CharField(required=False, widget=forms.TextInput(attrs={"data-beside": "group"}))
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


class Page(HTMLParser):
    """The elements of a page, in order, with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def named(self, name: str) -> list[dict[str, str]]:
        """Return the attributes of the inputs of that name."""
        return [attributes for _tag, attributes in self.elements if attributes.get("name") == name]

    def ids(self) -> list[str]:
        """Return every id."""
        return [attributes["id"] for _tag, attributes in self.elements if "id" in attributes]


def rendered(form: forms.Form, helper: FormHelper | None = None) -> str:
    return str(render_crispy_form(form, helper))


@pytest.fixture(params=[None, {}, {"name": "x" * 9, "email": "wrong", "group": "z"}], ids=["new", "empty", "wrong"])
def html(request: pytest.FixtureRequest) -> str:
    return rendered(SampleForm(request.param))


def test_every_input_has_a_label_or_a_legend(html: str) -> None:
    page = Page(html)
    labelled = {attributes["for"] for tag, attributes in page.elements if tag == "label"}
    inputs = [a for tag, a in page.elements if tag in {"input", "select", "textarea"} and a.get("type") != "hidden"]
    assert {attributes["id"] for attributes in inputs} == labelled
    assert sum(tag == "legend" for tag, _attributes in page.elements) == 2


def test_ids_are_unique_and_every_reference_leads_somewhere(html: str) -> None:
    page = Page(html)
    ids = page.ids()
    assert len(ids) == len(set(ids))
    described = [a["aria-describedby"] for _tag, a in page.elements if "aria-describedby" in a]
    linked = [a["href"].removeprefix("#") for tag, a in page.elements if tag == "a"]
    assert {name for names in [*described, *linked] for name in names.split()} <= set(ids)


def test_nothing_is_inline_and_nothing_is_markup_that_should_be_text(html: str) -> None:
    assert PAYLOAD not in html
    assert not any({"style", "onclick", "onchange"} & attributes.keys() for _tag, attributes in Page(html).elements)


def test_errors_stand_in_a_summary_and_at_their_fields() -> None:
    page = Page(html := rendered(SampleForm({})))
    [summary] = [attributes for _tag, attributes in page.elements if attributes.get("role") == "alert"]
    assert summary["tabindex"] == "-1"
    assert "Please check 6 answers" in " ".join(html.split())
    assert [a["href"] for tag, a in page.elements if tag == "a"] == [
        "#id_name", "#id_email", "#id_country", "#id_group_0", "#id_stages_0", "#id_agreed",
    ]  # fmt: skip
    [name] = page.named("name")
    assert (name["aria-invalid"], name["aria-describedby"]) == ("true", "id_name_helptext id_name_error")
    [email] = page.named("email")
    assert all("ecl-text-input--invalid" in field["class"] for field in (name, email))


def test_a_form_without_errors_has_no_summary() -> None:
    assert 'role="alert"' not in rendered(SampleForm())


def test_help_of_a_group_describes_the_group() -> None:
    fieldsets = [attributes for tag, attributes in Page(rendered(SampleForm())).elements if tag == "fieldset"]
    assert fieldsets[0]["aria-describedby"] == "id_group_helptext"


def test_what_was_typed_stays() -> None:
    typed = {
        "name": 'A "quoted" <name>',
        "country": "FR",
        "group": "b",
        "stages": ["q"],
        "agreed": "on",
        "story": "x\ny",
    }
    page = Page(html := rendered(SampleForm(typed)))
    assert page.named("name")[0]["value"] == 'A "quoted" <name>'
    assert [a["value"] for a in page.named("group") if "checked" in a] == ["b"]
    assert [a["value"] for a in page.named("stages") if "checked" in a] == ["q"]
    assert "checked" in page.named("agreed")[0]
    assert [a["value"] for tag, a in page.elements if tag == "option" and "selected" in a] == ["FR"]
    assert "x\ny</textarea>" in html


def test_each_kind_of_input_has_its_type_and_hooks() -> None:
    page = Page(rendered(SampleForm()))
    assert page.named("email")[0]["type"] == "email"
    assert page.named("paper")[0]["type"] == "file"
    assert page.named("secret")[0]["type"] == "hidden"
    assert page.named("story")[0]["data-maxlength"] == "10"
    assert any("enctype" in attributes for tag, attributes in page.elements if tag == "form")


def test_required_and_optional_are_said() -> None:
    html = rendered(SampleForm())
    assert html.count("(required)") == 6
    assert html.count("(optional)") == 2


def test_layout_objects() -> None:
    helper = FormHelper()
    helper.form_tag = False
    helper.layout = Layout(
        Fieldset("About you", "name"), Div("email", css_id="block", data_x='a"b'), Submit("go", "Send")
    )
    page = Page(html := rendered(SampleForm(), helper))
    assert "About you</legend>" in html
    assert ("div", {"id": "block", "data-x": 'a"b'}) in page.elements
    [button] = [attributes for tag, attributes in page.elements if tag == "button"]
    assert (button["name"], button["type"]) == ("go", "submit")


def test_a_formset_with_its_own_errors() -> None:
    formset_class = forms.formset_factory(SampleForm, min_num=1, validate_min=True, extra=0)
    formset = formset_class({"form-TOTAL_FORMS": "0", "form-INITIAL_FORMS": "0"})
    assert not formset.is_valid()
    html = rendered(formset)  # type: ignore[arg-type]
    assert 'name="form-TOTAL_FORMS"' in html
    assert "Please submit at least 1 form." in html
