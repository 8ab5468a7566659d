"""My profile: how the product looks to me, and the addresses by which I am known."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marketplace.access import MemberRequest, members_only
from marketplace.forms import AddressForm, ProfileForm, zone_names
from marketplace.models import User, UserAddress
from marketplace.services.addresses import AddressTaken, add_address, remove_address
from marketplace.services.profile import change_profile
from marketplace.toasts import confirm_with_undo


@members_only
@require_http_methods(["GET", "POST"])
def profile(request: MemberRequest) -> HttpResponse:
    """Show and store the choices; a refused form leaves the person as they were."""
    instance = User.objects.select_related("tenant").get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=instance)
    if form.is_valid():
        change_profile(by=request.user, choices=form.cleaned_data)
        messages.success(request, _("Your profile has been saved."))
        return redirect("profile")
    context = {"form": form, "zones": zone_names()}
    return render(request, "marketplace/profile.html", context, status=422 if form.errors else 200)


@members_only
@require_http_methods(["GET", "POST"])
def addresses(request: MemberRequest) -> HttpResponse:
    """List the own addresses and add one."""
    form = AddressForm(request.POST or None)
    if form.is_valid():
        address = form.cleaned_data["address"]
        try:
            add_address(tenant=request.tenant, address=address, by=request.user)
        except AddressTaken as taken:
            form.add_error("address", str(taken))
        else:
            messages.success(request, _("%(address)s is now recognised as you.") % {"address": address})
            return redirect("profile-addresses")
    rows = request.user.addresses.order_by("address")
    context = {"form": form, "addresses": rows}
    return render(request, "marketplace/addresses.html", context, status=422 if form.errors else 200)


@members_only
@require_POST
def remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Forget an own address; the toast offers to take it back."""
    row = get_object_or_404(UserAddress, pk=pk, user=request.user)
    address = row.address
    remove_address(address=row, by=request.user)
    sentence = _("%(address)s is no longer recognised as you.") % {"address": address}
    confirm_with_undo(request, sentence, undo=reverse("profile-address-restore", args=[address]))
    return redirect("profile-addresses")


@members_only
@require_POST
def restore(request: MemberRequest, address: str) -> HttpResponse:
    """Take the removal of an address back."""
    try:
        validate_email(address)
        add_address(tenant=request.tenant, address=address, by=request.user)
    except ValidationError as error:
        raise Http404 from error
    except AddressTaken as taken:
        messages.warning(request, str(taken))
    return redirect("profile-addresses")
