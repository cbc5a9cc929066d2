"""Anonymous reviews: what tells who an applicant is, and the code that stands for the name."""

import hashlib

from django.db.models import Q
from django.utils.translation import gettext as _

from questionnaire.models import Application, Question

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none is taken for another
_CODE_LENGTH = 8

# A file names its author more often than not, be it in its properties.
TELLS_WHO = (
    Q(visibility=Question.Visibility.NAMED)
    | Q(fills__in=[Question.Fills.FIRST_NAME, Question.Fills.FAMILY_NAME, Question.Fills.EMAIL])
    | Q(kind__in=[Question.Kind.EMAIL, Question.Kind.PHONE, Question.Kind.FILE])
)


def code(application: Application) -> str:
    """Return the code of an application, such as `K7Q2-9XMB`: always the same, and no way back to the person."""
    number = int.from_bytes(hashlib.sha256(application.public_id.encode()).digest()[:5])
    letters = "".join(_LETTERS[(number >> shift) & 31] for shift in range(0, 5 * _CODE_LENGTH, 5))
    return f"{letters[:4]}-{letters[4:]}"


def label(application: Application) -> str:
    """Return what reviewers call an application whose name they do not see."""
    return _("Application %(code)s") % {"code": code(application)}
