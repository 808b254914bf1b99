"""Tokens for programs: each person makes and ends their own; the admin sees all and may end any."""

from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from services.workflow import actions, store
from services.workflow.actions.tokens import LIVES_DAYS, TokenUnknown, TooManyTokens
from services.workflow.web.addresses import Facts, does, sees
from services.workflow.web.frame import STAFF, Desk
from shared import auth
from shared.db import Reading
from shared.web import Form, gettext, lazy

OWNERS = (*STAFF, "admin", "auditor")
"""Whoever has something to do here may let a program do it."""

SCOPES = {"read": lazy("Chỉ đọc"), "write": lazy("Đọc và làm")}
LIVES = {7: lazy("7 ngày"), 30: lazy("30 ngày"), 90: lazy("90 ngày"), 365: lazy("1 năm")}


class TokenForm(Form):
    name = StringField(
        lazy("Tên"),
        [InputRequired(lazy("Hãy đặt tên để sau này còn nhận ra")), Length(max=80)],
        description=lazy("Chương trình nào, trên máy nào"),
    )
    scope = SelectField(lazy("Được làm gì"), [InputRequired()], choices=list(SCOPES.items()))
    days = SelectField(
        lazy("Dùng được bao lâu"), [InputRequired()], choices=[(str(days), LIVES[days]) for days in LIVES_DAYS]
    )


def serve(desk: Desk) -> None:
    app = desk.app
    app.refuses(TokenUnknown, 404)

    @app.route("/desk/tokens", methods=["GET", "POST"])
    @auth.needs(*OWNERS)
    def tokens() -> ResponseReturnValue:
        """The tokens there are; a new one is shown on the page that answers its making, and never again."""
        form, secret, me = TokenForm.sent(), "", auth.me()
        if form.is_good() and me.role in OWNERS:
            try:
                with desk.database.writing() as tx:
                    _, secret = actions.make_token(
                        tx, person=me, name=form.name.data, scope=form.scope.data, days=int(form.days.data)
                    )
                form = TokenForm()
            except TooManyTokens:
                form.name.errors = [gettext("Bạn đã có nhiều mã còn dùng được. Hãy thu hồi bớt rồi tạo mã mới.")]
        with desk.database.reading() as look:
            return desk.page(
                look,
                "desk/tokens.html",
                here="tokens",
                status=422 if form.wrong else 200,
                f=form,
                wrong=form.wrong,
                secret=secret,
                scopes=SCOPES,
                may_make=me.role in OWNERS,
                **living_tokens(desk, look),
            )

    @app.post("/desk/tokens/<uuid:token_id>/revoke")
    @auth.needs(*OWNERS)
    def revoke(token_id: UUID) -> ResponseReturnValue:
        REVOKE.and_say(desk, token_id=token_id)
        return redirect(url_for("tokens"), 303)


@sees("tokens", "living", "owners", roles=OWNERS)
def living_tokens(_desk: Desk, look: Reading) -> Facts:
    """The tokens that one made, the admin those of all, with the names of their owners; no secret"""
    me = auth.me()
    return {
        "living": store.tokens_of(look, None if me.role == "admin" else me.person_id),
        "owners": {one.person_id: one.name for one in auth.list_people(look)},
    }


REVOKE = does("tokens/<uuid:token_id>/revoke", actions.revoke_token, roles=OWNERS, done=lazy("Đã thu hồi mã truy cập."))
