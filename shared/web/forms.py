"""Forms as our pages need them: text tidied at the door, messages in two languages."""

import re
import secrets
import unicodedata
from typing import Any, Self

from flask import request
from werkzeug.datastructures import CombinedMultiDict
from wtforms import Form as PlainForm
from wtforms import PasswordField, StringField
from wtforms.fields import SelectChoice
from wtforms.meta import DefaultMeta

from shared.text import nfc
from shared.web.i18n import lazy

# What WTForms says by itself, in our words; a field with its own message does not come here.
BUILT_IN = {
    "This field is required.": lazy("Hãy điền mục này"),
    "Not a valid choice.": lazy("Hãy chọn một mục trong danh sách"),
    "Not a valid choice": lazy("Hãy chọn một mục trong danh sách"),
    "Invalid Choice: could not coerce.": lazy("Hãy chọn một mục trong danh sách"),
    "Invalid choice(s): one or more data inputs could not be coerced.": lazy("Hãy chọn các mục trong danh sách"),
    "Not a valid integer value.": lazy("Hãy nhập một số nguyên"),
    "Not a valid decimal value.": lazy("Hãy nhập một số"),
    "Not a valid date value.": lazy("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026"),
    "Not a valid datetime value.": lazy("Hãy nhập ngày và giờ, ví dụ 23/11/2026 07:42"),
    "Not a valid time value.": lazy("Hãy nhập giờ, ví dụ 07:42"),
    "Invalid email address.": lazy("Địa chỉ thư điện tử chưa đúng, ví dụ ten@example.vn"),
    "Invalid input.": lazy("Nội dung chưa đúng dạng"),
    "Invalid value, must be one of: %(values)s.": lazy("Hãy chọn một mục trong danh sách"),
    "Number must be between %(min)s and %(max)s.": lazy("Hãy nhập một số từ %(min)s đến %(max)s"),
    "Field must be equal to %(other_name)s.": lazy("Hai mục phải giống nhau"),
    "Field must be between %(min)d and %(max)d characters long.": lazy("Cần từ %(min)d đến %(max)d ký tự"),
    "Field cannot be longer than %(max)d character.": lazy("Dài nhất %(max)d ký tự"),
    "Field cannot be longer than %(max)d characters.": lazy("Dài nhất %(max)d ký tự"),
    "Field must be at least %(min)d character long.": lazy("Ít nhất %(min)d ký tự"),
    "Field must be at least %(min)d characters long.": lazy("Ít nhất %(min)d ký tự"),
}


class Words:
    """WTForms asks here for its own messages."""

    def gettext(self, words: str) -> str:
        return str(BUILT_IN.get(words, words))

    def ngettext(self, one: str, many: str, number: int) -> str:
        return self.gettext(one if number == 1 else many)


class Form(PlainForm):  # type: ignore[misc]  # WTForms ships no types
    """A form whose words are NFC, without blanks around, with plain line ends."""

    class Meta(DefaultMeta):  # type: ignore[misc]
        def get_translations(self, form: PlainForm) -> Words:
            return Words()

        def bind_field(self, form: PlainForm, unbound_field: Any, options: dict[str, Any]) -> Any:
            if issubclass(unbound_field.field_class, PasswordField):
                first = [composed]
            elif issubclass(unbound_field.field_class, StringField):
                first = [tidy]
            else:
                first = []
            options["filters"] = [*first, *unbound_field.kwargs.get("filters", ()), *options.get("filters", ())]
            choices = unbound_field.kwargs.get("choices")
            if isinstance(choices, (list, tuple)):
                options["choices"] = [choice_of(choice) for choice in choices]
            return unbound_field.bind(form=form, **options)

    @classmethod
    def sent(cls, **values: Any) -> Self:
        """The form as it was sent, files included; unsent, with these first values."""
        if request.method != "POST":
            return cls(**values)
        return cls(CombinedMultiDict([request.files, request.form]), **values)

    def is_good(self) -> bool:
        """It was sent, and nothing is wrong with it."""
        return request.method == "POST" and bool(self.validate())

    @property
    def wrong(self) -> list[Any]:
        """The fields to mend, in the order of the page."""
        return [field for field in self if field.errors]


def choice_of(choice: Any) -> Any:
    """A choice may be written as (value, words)."""
    return SelectChoice(choice[0], choice[1]) if isinstance(choice, tuple) else choice


def composed(value: object) -> object:
    """A password in NFC, whichever keyboard typed it; nothing else of it changes."""
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def tidy(value: object) -> object:
    """Text as we keep it: NFC, plain line ends, no blanks around."""
    return nfc(value).replace("\r\n", "\n").replace("\r", "\n").strip() if isinstance(value, str) else value


_UNLIKE_OURS = re.compile(r"[^A-Za-z0-9_-]")


def typed_once() -> str:
    """What marks this form among those of a page, so that a second press does nothing more: at most 60 letters, digits,
    `_` and `-`. Fresh where the form brought none."""
    return _UNLIKE_OURS.sub("", request.form.get("once", ""))[:60] or secrets.token_urlsafe(16)
