"""The postman: one notice per event, rule, person and channel, sent once as far as the world allows.

Hears what petitioners, staff, guests of sessions and followers of public cases must be told of (intake, workflow),
keeps where they may be told, and writes one row for each notice; sending is driven from those rows. Says what became of
each: notice.accepted, notice.failed, notice.suppressed.
"""
