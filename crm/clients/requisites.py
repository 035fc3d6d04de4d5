"""Whether Russian requisites can be true: lengths and check digits of ИНН, КПП, ОГРН, БИК and accounts (D.3)."""

import re
from collections.abc import Callable, Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# A letter at the sixth place of an account counts as its digit; it is typed in Latin or in Cyrillic.
ACCOUNT_LETTERS = str.maketrans("ABCEHKMPTXАВСЕНКМРТХ", "01234567890123456789")
TREASURY = ("03", "40102")


def compact(value: str) -> str:
    """The value without the spaces and dashes that people type or paste in between."""
    return re.sub(r"[\s\-–—]", "", value)


def validate_inn(value: str) -> None:
    """ИНН of an organisation (10 digits) or of a person (12). Raises ValidationError."""
    if not re.fullmatch(r"[0-9]{10}|[0-9]{12}", value):
        raise ValidationError(_("An INN has 10 or 12 digits."), code="length")
    weights = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
    places = [9] if len(value) == 10 else [10, 11]
    keys = [_weighed(value[:place], weights[-place:]) % 11 % 10 for place in places]
    if value.startswith("00") or keys != [int(value[place]) for place in places]:
        raise ValidationError(_("The check digit of the INN does not match."), code="checksum")


def validate_kpp(value: str) -> None:
    """КПП: nine characters, the fifth and sixth may be letters; it has no check digit. Raises ValidationError."""
    if not re.fullmatch(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}", value):
        raise ValidationError(_("A KPP has 9 characters: digits, and letters only in places 5 and 6."), code="length")


def validate_ogrn(value: str) -> None:
    """ОГРН (13 digits) or ОГРНИП (15). Raises ValidationError."""
    if not re.fullmatch(r"[1-9](?:[0-9]{12}|[0-9]{14})", value):
        raise ValidationError(_("An OGRN has 13 digits, an OGRNIP has 15."), code="length")
    divisor = 11 if len(value) == 13 else 13
    if int(value[:-1]) % divisor % 10 != int(value[-1]):
        raise ValidationError(_("The check digit of the OGRN does not match."), code="checksum")


def validate_bik(value: str) -> None:
    """БИК of a bank (04…) or of the treasury and the Bank of Russia (00…, 01…, 02…). Raises ValidationError."""
    if not re.fullmatch(r"0[0124][0-9]{7}", value):
        raise ValidationError(_("A BIK has 9 digits and starts with 04."), code="length")


def is_treasury(account: str) -> bool:
    """Whether this is an account of the treasury, whose key cannot be checked: worth a second look, not an error."""
    return account.startswith(TREASURY)


def validate_account(bik: str, account: str) -> None:
    """Account of a client in the bank of this БИК. Raises ValidationError."""
    _check_key(account, bik, bik[-3:])


def validate_corr_account(bik: str, account: str) -> None:
    """The bank's own account, which ends like its БИК. Raises ValidationError."""
    if not is_treasury(account) and not account.startswith("301"):
        raise ValidationError(_("A correspondent account starts with 301."), code="kind")
    _check_key(account, bik, "0" + bik[4:6])
    if not is_treasury(account) and account[-3:] != bik[-3:]:
        raise ValidationError(_("The correspondent account does not belong to this BIK."), code="checksum")


def problems(
    *, inn: str = "", kpp: str = "", ogrn: str = "", bik: str = "", account: str = "", corr_account: str = ""
) -> dict[str, str]:
    """What is wrong with a set of requisites, by field; an empty one is wrong only where another asks for it."""
    found: dict[str, str] = {}

    def judge(field: str, check: Callable[..., object], *values: str) -> None:
        try:
            check(*values)
        except ValidationError as error:
            found[field] = error.messages[0]

    for field, value, check in (("inn", inn, validate_inn), ("kpp", kpp, validate_kpp), ("ogrn", ogrn, validate_ogrn)):
        if value:
            judge(field, check, value)
    if len(inn) == 10 and not kpp:
        found["kpp"] = str(_("An organisation has a KPP."))
    if len(inn) == 12 and kpp:
        found["kpp"] = str(_("An entrepreneur has no KPP."))
    if bik or account or corr_account:
        judge("bik", validate_bik, bik)
    whole: dict[str, Callable[[str, str], None]] = {"account": validate_account, "corr_account": validate_corr_account}
    for field, value in (("account", account), ("corr_account", corr_account)):
        if value and "bik" in found:
            judge(field, _digits, value)
        elif value:
            judge(field, whole[field], bik, value)
    return found


def _weighed(digits: str, weights: Iterable[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))


def _digits(account: str) -> str:
    digits = account[:5] + account[5:6].translate(ACCOUNT_LETTERS) + account[6:]
    if not re.fullmatch(r"[0-9]{20}", digits):
        raise ValidationError(_("An account has 20 digits."), code="length")
    return digits


def _check_key(account: str, bik: str, bank: str) -> None:
    validate_bik(bik)
    digits = _digits(account)
    if not is_treasury(account) and _weighed(bank + digits, (7, 1, 3) * 7 + (7, 1)) % 10:
        raise ValidationError(_("The account does not match the BIK: one of the digits is wrong."), code="checksum")
