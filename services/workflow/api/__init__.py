"""The desk for programs: what the screens do, by the same steps, rights and words, in JSON.

`entrance` the addresses · `caller` who calls, by which token · `bodies` what is answered · `refusals` what is answered
when it did not work · `openapi` all of it described.
"""

from services.workflow.api.entrance import add_to

__all__ = ["add_to"]
