from itertools import pairwise

import pytest
from django.core.exceptions import ValidationError
from hypothesis import assume, given
from hypothesis import strategies as st

from crm.clients.requisites import (
    compact,
    is_treasury,
    problems,
    validate_account,
    validate_bik,
    validate_corr_account,
    validate_inn,
    validate_kpp,
    validate_ogrn,
)

INNS = ["7707083893", "7702070139", "500100732259", "7830002293"]
ACCOUNTS = [
    ("044525225", "40702810938120061991"),
    ("044525555", "40706810900000064381"),
    ("042202603", "40702810942020002415"),
    ("049805746", "40602810700000000025"),
]
CORR_ACCOUNTS = [
    ("044525225", "30101810400000000225"),
    ("044525411", "30101810145250000411"),
    ("049805746", "30101810800000000746"),
]


def digits(length):
    return st.text("0123456789", min_size=length, max_size=length)


def one_digit_changed(value):
    for place, old in enumerate(value):
        for new in "0123456789":
            if new != old:
                yield value[:place] + new + value[place + 1 :]


def refused(check, *values):
    with pytest.raises(ValidationError) as error:
        check(*values)
    assert error.value.messages[0]


@pytest.mark.parametrize("inn", INNS)
def test_real_inns_pass_and_a_wrong_digit_does_not(inn):
    validate_inn(inn)
    for wrong in one_digit_changed(inn):
        refused(validate_inn, wrong)


@pytest.mark.parametrize("inn", ["1234567890", "0" * 10, "0" * 12, "", "770708389", "77070838933", "770708389x"])
def test_what_is_no_inn_is_refused(inn):
    refused(validate_inn, inn)


@given(digits(9))
def test_an_inn_has_at_most_one_check_digit(stem):
    passing = [last for last in "0123456789" if _passes(validate_inn, stem + last)]
    assert len(passing) == (0 if stem.startswith("00") else 1)


@given(digits(10), st.integers(0, 9), st.integers(1, 9))
def test_a_changed_digit_of_a_personal_inn_is_noticed(stem, place, shift):
    assume(not stem.startswith("00"))
    inn = next(stem + f"{tail:02}" for tail in range(100) if _passes(validate_inn, stem + f"{tail:02}"))
    # Mod 11 mod 10 takes 10 for 0, the one change that these keys cannot see.
    assume("0" not in inn[10:])
    refused(validate_inn, inn[:place] + str((int(inn[place]) + shift) % 10) + inn[place + 1 :])


def test_ogrn():
    validate_ogrn("1027700132195")
    for wrong in one_digit_changed("1027700132195"):
        refused(validate_ogrn, wrong)
    for wrong in ("", "102770013219", "10277001321955", "102770013219x", "0000000000000"):
        refused(validate_ogrn, wrong)


@given(st.integers(10**13, 10**14 - 1))
def test_an_entrepreneur_ogrn_has_one_check_digit(stem):
    passing = [last for last in "0123456789" if _passes(validate_ogrn, f"{stem}{last}")]
    assert passing == [str(stem % 13 % 10)]


@pytest.mark.parametrize("kpp", ["773601001", "7736AB001", "780143001"])
def test_kpps_pass(kpp):
    validate_kpp(kpp)


@pytest.mark.parametrize("kpp", ["", "0", "77360100", "7736010011", "77З601001", "773ab1001", "7736АВ001"])
def test_what_is_no_kpp_is_refused(kpp):
    refused(validate_kpp, kpp)


@pytest.mark.parametrize("bik", ["044525225", "042202603", "012345678", "024501901", "004525988"])
def test_biks_pass(bik):
    validate_bik(bik)


@pytest.mark.parametrize("bik", ["", "144525225", "04452522", "0445252255", "054525225", "04452522x"])
def test_what_is_no_bik_is_refused(bik):
    refused(validate_bik, bik)


@pytest.mark.parametrize(("bik", "account"), ACCOUNTS)
def test_real_accounts_pass_and_a_wrong_digit_does_not(bik, account):
    validate_account(bik, account)
    for wrong in one_digit_changed(account):
        if not is_treasury(wrong):
            refused(validate_account, bik, wrong)
    for wrong in one_digit_changed(bik[-3:]):
        refused(validate_account, bik[:-3] + wrong, account)


@pytest.mark.parametrize(("bik", "account"), CORR_ACCOUNTS)
def test_real_corr_accounts_pass_and_a_wrong_digit_does_not(bik, account):
    validate_corr_account(bik, account)
    for wrong in one_digit_changed(account):
        if not is_treasury(wrong):
            refused(validate_corr_account, bik, wrong)


@pytest.mark.parametrize(("one", "other"), list(pairwise(CORR_ACCOUNTS)))
def test_a_corr_account_belongs_to_its_bik(one, other):
    refused(validate_corr_account, one[0], other[1])


@given(digits(19), st.sampled_from(["044525225", "042202603"]))
def test_an_account_has_one_key(rest, bik):
    accounts = [rest[:8] + key + rest[8:] for key in "0123456789"]
    assume(not is_treasury(rest))
    assert sum(_passes(validate_account, bik, account) for account in accounts) == 1


@pytest.mark.parametrize("letter", ["A", "А"])
def test_a_letter_at_the_sixth_place_counts_as_its_digit(letter):
    plain = next(
        account
        for key in "0123456789"
        if _passes(validate_account, "044525225", account := f"40702010{key}38120061991")
    )
    validate_account("044525225", plain[:5] + letter + plain[6:])
    refused(validate_account, "044525225", plain[:5] + "B" + plain[6:])
    refused(validate_account, "044525225", plain[:6] + letter + plain[7:])


@pytest.mark.parametrize("account", ["03100643000000017200", "40102810545370000003"])
def test_treasury_accounts_are_only_worth_a_look(account):
    assert is_treasury(account)
    validate_account("004525988", account)
    validate_corr_account("004525988", account)
    refused(validate_account, "004525988", account[:-1])


@pytest.mark.parametrize("account", ["", "4070281093812006199", "407028109381200619911", "4070281093812006199x"])
def test_what_is_no_account_is_refused(account):
    refused(validate_account, "044525225", account)
    refused(validate_corr_account, "044525225", account)


def test_spaces_and_dashes_are_typing():
    assert compact(" 40702 810\u00a09-3812-0061991 ") == "40702810938120061991"


def test_a_whole_set_of_requisites_is_judged_field_by_field():
    good = {
        "inn": "7707083893",
        "kpp": "773601001",
        "ogrn": "1027700132195",
        "bik": "044525225",
        "account": "40702810938120061991",
        "corr_account": "30101810400000000225",
    }
    assert problems(**good) == {}
    assert problems() == {}
    assert set(problems(**good | {"kpp": ""})) == {"kpp"}
    assert set(problems(inn="500100732259", kpp="773601001")) == {"kpp"}
    assert problems(inn="500100732259") == {}
    assert set(problems(**good | {"account": "40702810938120061992"})) == {"account"}
    assert set(problems(**good | {"bik": "044525226"})) == {"account", "corr_account"}
    assert set(problems(account=good["account"])) == {"bik"}
    assert set(problems(inn="1234567890", kpp="1", ogrn="1")) == {"inn", "kpp", "ogrn"}


@given(st.text(max_size=25), st.text(max_size=25))
def test_any_text_is_judged_and_never_breaks(one, other):
    problems(inn=one, kpp=other, ogrn=one, bik=other, account=one, corr_account=one)
    problems(bik="044525225", account=one, corr_account=other)


def _passes(check, *values):
    try:
        check(*values)
    except ValidationError:
        return False
    return True
