"""What a page of the questionnaire holds, read as a browser reads it."""

from html.parser import HTMLParser

from django.test import Client


class Inputs(HTMLParser):
    """The values of a page's inputs by name, the attributes of its form, and whatever has an id."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.form: dict[str, str] = {}
        self.ids: dict[str, dict[str, str]] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag."""
        found = {name: value or "" for name, value in attrs}
        if tag == "input" and "name" in found:
            self.values[found["name"]] = found.get("value", "")
        if tag == "form" and found.get("id") == "questionnaire":
            self.form = found
        if "id" in found:
            self.ids[found["id"]] = found


def inputs_of(client: Client, address: str) -> Inputs:
    """Open a page and return its inputs."""
    return Inputs(client.get(address).content.decode())
