"""What stands around every page: only what its person can use, and words that are true."""

import pytest
from django.urls import reverse

from tests.doors.world import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("who", "times"), [("anna", 2), ("natalia", 2), ("admin", 0)])
def test_create_is_offered_to_whom_there_is_something_to_create(cast, who, times):
    text = signed_in(getattr(cast, who)).get(reverse("people:profile")).content.decode()
    assert text.count(f'hx-get="{reverse("create")}"') == times


def test_the_offline_line_says_that_a_chat_still_takes_words(cast):
    text = signed_in(cast.anna).get(reverse("people:profile")).content.decode()
    assert "Написанное в чате отправится позже" in text
