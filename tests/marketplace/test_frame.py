"""What is around every page."""

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.test import Client
from django.urls import reverse

from marketplace.models import Tenant, User
from marketplace.templatetags.people import breakable, initials
from marketplace.toasts import undo_of
from tests.conftest import signed_in
from tests.marketplace.modules import active


def test_home_is_calendar_1_until_the_module_is_active(tenant: Tenant, ada: User):
    before = signed_in(ada).get("/")
    active(tenant, ada)
    after = signed_in(ada).get("/")

    assert (before["Location"], after["Location"]) == (reverse("calendar-1"), reverse("calendar"))


def test_home_of_a_visitor_is_the_login_page(db: None):
    assert Client().get("/")["Location"].startswith(reverse("login"))


def test_pages_carry_no_inline_script_or_style(alice: User):
    page = signed_in(alice).get(reverse("profile")).content.decode()

    assert "<style" not in page
    assert " style=" not in page
    assert "<script>" not in page


@pytest.mark.parametrize(
    ("name", "letters"), [("Ada", "A"), ("ada van der Linde", "AL"), ("Alice Bo", "AB"), ("", "")]
)
def test_initials_are_of_the_first_and_the_last_word(name: str, letters: str):
    assert initials(name) == letters


def test_only_a_toast_that_can_be_taken_back_has_an_address():
    assert undo_of(Message(constants.SUCCESS, "Removed.", "undo:/back/")) == "/back/"
    assert undo_of(Message(constants.SUCCESS, "Saved.")) == ""


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("a@b.example", "a<wbr>@b.example"),
        ("Team", "Team<wbr>"),
        ("<b>@c.example", "&lt;b&gt;<wbr>@c.example"),
    ],
)
def test_address_may_wrap_before_the_at_sign(address: str, shown: str):
    assert breakable(address) == shown
