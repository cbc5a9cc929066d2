"""Pages of the admin as a browser sees them."""

import datetime as dt
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.utils.timezone import localtime


def client_of(user: User) -> Client:
    """Return a browser in which the person is logged in."""
    client = Client()
    client.force_login(user)
    return client


def form_of(client: Client, url: str) -> dict[str, Any]:
    """Return what the browser would post for a page of the admin as it stands; times are those of Paris."""
    context = client.get(url).context
    forms = [context["adminform"].form]
    for inline in context.get("inline_admin_formsets", []):
        forms += [inline.formset.management_form, *inline.formset.forms]
    data: dict[str, Any] = {}
    for field in (field for form in forms for field in form if not field.field.disabled):
        value = field.value()
        if isinstance(value, dt.datetime):
            local = localtime(value)
            data |= {f"{field.html_name}_0": f"{local:%Y-%m-%d}", f"{field.html_name}_1": f"{local:%H:%M}"}
        elif value is not None and value is not False:
            data[field.html_name] = value
    return data
