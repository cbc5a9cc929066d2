"""E-mail addresses: which ones people may give, and how they are written to a mail server."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

_ASCII_ADDRESS = re.compile(r"""(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+|"[ !#-\[\]-~]*")@[A-Za-z0-9.\-\[\]:]+""")
# Without the exception for `localhost` that Django makes: nobody is reached there.
_validate_form = EmailValidator(_("Enter one e-mail address, such as name@example.org."), allowlist=[])


def validate_address(text: str) -> None:
    """Raise `ValidationError` where the text is not one address, or not one to which letters can be sent."""
    _validate_form(text)
    try:
        ascii_address(text)
    except ValueError as error:
        raise ValidationError(_validate_form.message, code="invalid", params={"value": text}) from error


def ascii_address(address: str) -> str:
    """Return the address with its domain in IDNA.

    Raise `ValueError` where it is not one address that every mail server understands.
    """
    local, _at, domain = address.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError("The domain of this address cannot be written in ASCII.") from error
    ascii_form = f"{local}@{ascii_domain}"
    if not _ASCII_ADDRESS.fullmatch(ascii_form):
        raise ValueError("This is not one e-mail address in ASCII.")
    return ascii_form
