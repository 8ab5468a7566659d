"""Why an item of a provider cannot be shown: the few sentences of the list of skipped items.

Stored in English and translated where they are shown, so that everybody reads the list in the own language.
"""

from django.utils.translation import gettext_noop as _

NO_ID = _("It has no id.")
NO_START = _("It has no start.")
NO_PLACE_IN_SERIES = _("It does not say which occurrence of its series it is.")
ODD_DATE = _("Its date is centuries away.")
BAD_RULE = _("Its repetition rule cannot be followed.")
UNKNOWN_FORM = _("One of its fields has a form we do not know.")
NOT_STORED = _("It cannot be stored here; we have been told.")
