"""Who works here: accounts made and switched off by the admin, who reads no case.

No program makes an account: a token that was stolen would become a person with a password, and outlive itself.
"""

from collections.abc import Sequence
from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.validators import Email, InputRequired, Length

from services.workflow import actions
from services.workflow.web import words
from services.workflow.web.addresses import does
from services.workflow.web.frame import Desk
from shared import auth
from shared.web import Form, gettext, lazy


class PersonForm(Form):
    name = StringField(lazy("Họ tên"), [InputRequired(lazy("Hãy nhập họ tên")), Length(max=120)])
    login = StringField(lazy("Tên đăng nhập"), [InputRequired(lazy("Hãy nhập tên đăng nhập")), Length(max=80)])
    email = EmailField(lazy("Thư điện tử"), [InputRequired(lazy("Hãy nhập địa chỉ thư điện tử")), Email()])
    role = SelectField(lazy("Vai trò"), [InputRequired()], choices=list(words.ROLES.items()))
    unit = SelectField(lazy("Đơn vị"), [InputRequired()])
    password = PasswordField(
        lazy("Mật khẩu đầu tiên"), [InputRequired(lazy("Hãy nhập mật khẩu"))], description=lazy("Ít nhất 12 ký tự")
    )


def serve(desk: Desk) -> None:
    app = desk.app

    @app.route("/desk/people", methods=["GET", "POST"])
    @auth.needs("admin")
    def people() -> ResponseReturnValue:
        form = PersonForm.sent()
        form.unit.choices = desk.units_now(desk.database.clock.now())
        if form.is_good():
            given = {field.name: field.data for field in form}
            try:
                with desk.database.writing() as tx:
                    actions.add_person(tx, **given)
            except auth.LoginTaken:
                form.login.errors = [gettext("Tên đăng nhập này đã có người dùng")]
            except auth.WeakPassword as weak:
                form.password.errors = [str(weak)]
            else:
                flash(gettext("Đã thêm %(name)s", name=form.name.data))
                return redirect(url_for("people"), 303)
        with desk.database.reading() as look:
            status = 422 if form.wrong else 200
            everybody = auth.list_people(look)
            return desk.page(
                look,
                "desk/people.html",
                here="people",
                status=status,
                f=form,
                wrong=form.wrong,
                everybody=everybody,
                by_unit=_by_unit(desk, everybody),
            )

    @app.post("/desk/people/<uuid:person_id>")
    @auth.needs("admin")
    def switch(person_id: UUID) -> ResponseReturnValue:
        SWITCH(desk, person_id=person_id)
        return redirect(url_for("people"), 303)


SWITCH = does(
    "people/<uuid:person_id>",
    actions.switch_person,
    "is_active",
    roles=("admin",),
    done=lazy("Đã ghi nhận"),
)


def _by_unit(desk: Desk, everybody: Sequence[auth.Person]) -> list[tuple[str, list[auth.Person]]]:
    """People by the name of their unit; those of none come last."""
    found: dict[str, list[auth.Person]] = {}
    for one in everybody:
        found.setdefault(desk.unit(one.unit), []).append(one)
    return sorted(found.items(), key=lambda pair: (not pair[0], pair[0]))
