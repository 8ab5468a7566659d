"""The further addresses under which a person is invited."""

from functools import partial

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from carerix_calendar.lib.errors import AppError
from marketplace.catalogue import CATALOGUE
from marketplace.hooks import hooks_of
from marketplace.models import Tenant, User, UserAddress
from marketplace.selectors import owner_of_address


class AddressTaken(AppError):
    """The address is already known, as the person's own or as a colleague's."""

    code = "address_taken"


@transaction.atomic
def add_address(*, tenant: Tenant, address: str, by: User) -> UserAddress:
    """Recognise `address` (a valid one) as `by`. Raises AddressTaken, which says whose it is."""
    owner = owner_of_address(address)
    if owner == by:
        raise AddressTaken(_("This is one of your addresses already."))
    if owner is not None:
        raise AddressTaken(_("This address is already used by a colleague: %(name)s.") % {"name": owner.name})
    try:
        with transaction.atomic():
            added = UserAddress.objects.create(tenant=tenant, user=by, address=address.strip())
    except IntegrityError as error:
        raise AddressTaken(_("Somebody has just added this address.")) from error
    transaction.on_commit(partial(_tell_modules, by))
    return added


@transaction.atomic
def remove_address(*, address: UserAddress, by: User) -> None:
    """Forget one of the own addresses; meetings found under it stay where they are."""
    address.delete()
    transaction.on_commit(partial(_tell_modules, by))


def _tell_modules(user: User) -> None:
    for module in CATALOGUE.values():
        hooks_of(module).on_addresses_changed(user=user)
