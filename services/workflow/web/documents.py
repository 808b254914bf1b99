"""The configuration on the screen."""

from services.workflow.web.frame import Desk


def serve(desk: Desk) -> None:
    @desk.app.get("/desk/config")
    def config() -> str:
        return ""
