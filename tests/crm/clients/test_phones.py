from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.clients.phones import normalise_email, normalise_phone, phone_digits


@pytest.mark.parametrize(
    ("raw", "e164", "extension"),
    [
        ("8 (912) 345-67-89", "+79123456789", ""),
        ("+7 912 345 67 89", "+79123456789", ""),
        ("9123456789", "+79123456789", ""),
        ("79123456789", "+79123456789", ""),
        ("+7(812)999–99–99", "+78129999999", ""),
        ("8\u00a0812\u00a0123-45-67", "+78121234567", ""),
        ("  тел. 8 921 000 11 22 ", "+79210001122", ""),
        ("8 800 555-35-35", "+78005553535", ""),
        ("8 (495) 123-45-67, доб.12", "+74951234567", "12"),
        ("8 (495) 123-45-67 (доб. 123)", "+74951234567", "123"),
        ("+7 (495) 123-45-67 ext 5", "+74951234567", "5"),
        ("84951234567#12", "+74951234567", "12"),
        ("8 495 123-45-67 вн. 5", "+74951234567", "5"),
        ("8 495 123-45-67 внутр. 5", "+74951234567", "5"),
        ("8 495 123-45-67 добавочный 44", "+74951234567", "44"),
        ("+375 29 123-45-67", "+375291234567", ""),
    ],
)
def test_phones_are_read_as_people_write_them(raw, e164, extension):
    phone = normalise_phone(raw)
    assert (phone.e164, phone.extension) == (e164, extension)
    assert phone.raw == " ".join(raw.split())


@pytest.mark.parametrize(
    "raw",
    [
        *("", " ", "+", "\x00", "не звонить", "доб. 5", "12345", "123-45-67", "1234567890", "1" * 300),
        *("8 912 345-67-8", "8 912 345-67-890", "89210001122, 89210001133"),
    ],
)
def test_what_is_no_phone_is_refused_in_words(raw):
    with pytest.raises(ValueError) as refused:
        normalise_phone(raw)
    assert str(refused.value)


def test_a_number_of_another_country_may_be_read_there():
    assert normalise_phone("029 123-45-67", region="BY").e164 == "+375291234567"


def test_a_phone_is_shown_as_it_is_dialled():
    assert str(normalise_phone("88121234567")) == "+7 812 123-45-67"
    assert str(normalise_phone("88121234567 доб 9")).startswith("+7 812 123-45-67 ")


@given(st.integers(9000000000, 9999999999), st.sampled_from(["8{}", "+7{}", "7{}", "{}", "8-{}", "+7 ({}"]))
def test_every_way_of_writing_a_mobile_gives_one_number(number, form):
    assert normalise_phone(form.format(number)).e164 == f"+7{number}"


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text):
    with suppress(ValueError):
        assert normalise_phone(text).e164.startswith("+")


@pytest.mark.parametrize(
    ("query", "digits"),
    [
        ("67-89", "6789"),
        ("345 67 89", "3456789"),
        ("8 (912) 345-67-89", "9123456789"),
        ("79123456789", "9123456789"),
        ("+7 912 34", "91234"),
        ("+375 29 123", "37529123"),
        ("9123456789", "9123456789"),
        ("678", ""),
        ("Дом 1234", ""),
        ("С-4180", ""),
        ("", ""),
    ],
)
def test_a_query_gives_the_digits_to_look_for(query, digits):
    assert phone_digits(query) == digits


@given(st.integers(9000000000, 9999999999), st.integers(4, 10))
def test_the_last_digits_are_found_in_the_stored_number(number, length):
    stored = normalise_phone(str(number)).e164
    assert stored.endswith(phone_digits(str(number)[-length:]))


@pytest.mark.parametrize(
    ("raw", "address"),
    [
        (" Anna.Petrova@Example.RU ", "anna.petrova@example.ru"),
        ("mailto:info@example.ru", "info@example.ru"),
        ("<info@example.ru>", "info@example.ru"),
        ("инфо@example.ru", None),
        ("info@пример.рф", "info@пример.рф"),
        ("info@xn--e1afmkfd.xn--p1ai", "info@пример.рф"),
        ("info@", None),
        ("@example.ru", None),
        ("info.example.ru", None),
        ("a@b@example.ru", None),
        ("", None),
    ],
)
def test_mail_addresses_have_one_form(raw, address):
    if address:
        assert normalise_email(raw) == address
    else:
        with pytest.raises(ValueError):
            normalise_email(raw)
