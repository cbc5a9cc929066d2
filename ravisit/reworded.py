"""Texts of Django's that our catalogue words anew, for `update_catalogue` to find: nothing imports them.

Django's French puts names into sentences that fit few of them: "Modification de événement".
"""

from django.utils.translation import gettext_noop

REWORDED = (
    gettext_noop("Add %s"),
    gettext_noop("Change %s"),
    gettext_noop("View %s"),
    gettext_noop("Add %(name)s"),
    gettext_noop("Add another %(verbose_name)s"),
    gettext_noop("Change"),
    gettext_noop("None available"),
    gettext_noop("Added {name} “{object}”."),
    gettext_noop("Changed {fields}."),
    gettext_noop("Changed {fields} for {name} “{object}”."),
    gettext_noop("Deleted {name} “{object}”."),
)
