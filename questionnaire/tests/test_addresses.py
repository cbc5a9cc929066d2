"""Which e-mail addresses are taken, and that letters can be sent to each of them."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from questionnaire.workflow.addresses import ascii_address, validate_address

NOT_ONE_ADDRESS = [
    "",
    "zoe",
    "@b.c",
    "zoë@b.org",
    "a@b.org, d@e.org",
    "a@b.org d@e.org",
    "a@b.org>\r\nRCPT TO:<d@e.org",
    "a b@c.org",
    "a@b.org\n",
    "<a@b.org>",
    '"a\x01b"@b.org',
    "a@\u2028b.org",
]


@pytest.mark.parametrize("address", NOT_ONE_ADDRESS)
def test_what_is_not_one_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="one e-mail address"):
        validate_address(address)
    with pytest.raises(ValueError, match="address"):
        ascii_address(address)


@pytest.mark.parametrize(
    ("address", "on_the_wire"),
    [
        ("o'brien+visit@example.org", "o'brien+visit@example.org"),
        ("zoe@müller.example", "zoe@xn--mller-kva.example"),
        ('"a,b"@example.org', '"a,b"@example.org'),
    ],
)
def test_an_address_is_written_in_ascii(address: str, on_the_wire: str) -> None:
    validate_address(address)
    assert ascii_address(address) == on_the_wire


@given(st.from_regex(r"[^@]{1,12}@[^@]{1,12}\.[a-z]{2,3}\Z"))
def test_every_address_that_is_taken_can_be_written(address: str) -> None:
    try:
        validate_address(address)
    except ValidationError:
        return
    assert ascii_address(address).isascii()
