"""Forms of login and My profile."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from marketplace.models import User
from marketplace.models.tenant import time_zones


class LoginForm(AuthenticationForm):
    """E-mail address and password; one sentence for every wrong pair."""

    error_messages = AuthenticationForm.error_messages | {
        "invalid_login": _("This e-mail address and password do not belong together. Please try again.")
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        address = self.fields["username"]
        address.label = _("E-mail address")
        address.widget = forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
        if self.is_bound:
            address.widget.attrs.pop("autofocus")
            self.fields["password"].widget.attrs["autofocus"] = True


def zone_names() -> list[str]:
    """Time zones worth suggesting: those with an area, without the abstract ones."""
    return sorted(zone for zone in time_zones() if "/" in zone and not zone.startswith("Etc/"))


if TYPE_CHECKING:
    UserForm = forms.ModelForm[User]
else:
    UserForm = forms.ModelForm


class ProfileForm(UserForm):
    """What a person decides about how the product looks to them."""

    class Meta:
        model = User
        fields = ("name", "language", "time_zone", "clock", "first_weekday", "theme")
        widgets: ClassVar[dict[str, Any]] = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "time_zone": forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
            "theme": forms.RadioSelect,
        }
        help_texts: ClassVar[dict[str, Any]] = {"clock": _("In Dutch, times are always shown with 24 hours.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.fields["time_zone"]
        followed = self.instance.tenant.time_zone if self.instance.tenant else "UTC"
        zone.widget.attrs["placeholder"] = followed
        zone.help_text = _("Leave it empty to follow your organisation: %(zone)s.") % {"zone": followed}


class AddressForm(forms.Form):
    """One more address under which a person is invited."""

    address = forms.EmailField(label=_("E-mail address"), max_length=254)
