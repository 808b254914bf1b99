"""Where a citizen can be told: telephone numbers and e-mail addresses as the world writes them.

Source: the numbering plan of Việt Nam (TT 22/2014/TT-BTTTT and its conversion plan of 2018), RFC 5321.
"""

import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import PhoneNumberType

from services.intake.domain.petition import EmailUnknown, Phone, PhoneUnknown

_NEW_PREFIX = {
    "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078",
    "0123": "083", "0124": "084", "0125": "085", "0127": "081", "0129": "082",
    "0162": "032", "0163": "033", "0164": "034", "0165": "035", "0166": "036",
    "0167": "037", "0168": "038", "0169": "039",
    "0186": "056", "0188": "058", "0199": "059",
}  # fmt: skip
_MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
_REACHES_NOBODY = {PhoneNumberType.SHARED_COST, PhoneNumberType.PREMIUM_RATE, PhoneNumberType.TOLL_FREE}


def read_phone(typed: str) -> Phone:
    """The number that was typed. Raises PhoneUnknown, with a proposal for numbers from before 2018."""
    plain = unicodedata.normalize("NFKC", typed)
    digits = "".join(c for c in plain if c.isdigit())
    if plain.lstrip().startswith("00"):
        plain = "+" + digits[2:]
    try:
        number = phonenumbers.parse(plain, "VN")
    except phonenumbers.NumberParseException:
        raise PhoneUnknown(_after_the_change(digits)) from None
    if not phonenumbers.is_valid_number(number):
        raise PhoneUnknown(_after_the_change(digits))
    kind = phonenumbers.number_type(number)
    if kind in _REACHES_NOBODY:
        raise PhoneUnknown
    takes_sms = number.country_code == 84 and kind in _MOBILE
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Phone(typed=typed, mobile=e164 if takes_sms else None, last_four=e164[-4:])


def _after_the_change(digits: str) -> str:
    """What an eleven-digit mobile number became in 2018: offered, never changed silently."""
    prefix = _NEW_PREFIX.get(digits[:4])
    return f"{prefix} {digits[4:7]} {digits[7:]}" if prefix and len(digits) == 11 else ""


def read_email(typed: str) -> str:
    """The address in its normal form. Asks no name server. Raises EmailUnknown."""
    try:
        return validate_email(typed, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        raise EmailUnknown from None


def masked_phone(typed: str) -> str:
    """A number as it may stand on a page: its first four and last three digits."""
    digits = "".join(c for c in unicodedata.normalize("NFKC", typed) if c.isdigit())
    return f"{digits[:4]} ••• {digits[-3:]}" if len(digits) > 8 else "•••"


def masked_email(address: str) -> str:
    """An address as it may stand on a page: its first letter and its domain."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}•••@{domain}"
