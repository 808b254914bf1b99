"""The loop of what is one's own: it removes the files of who was erased, and sends the lists that were asked for.

Nobody learns from an answer or its time whether there is anything to list.
"""

from services.intake import own, store
from services.intake.door import Door
from shared.files import remove_file


class Lists:
    """Sends the lists of petitions that were asked for; gives addresses from before what they are found by; forgets
    links and codes after a day."""

    name, idle_s = "lists", 2.0

    def __init__(self, door: Door) -> None:
        self._door = door

    def once(self) -> int:
        database, key = self._door.database, self._door.key
        old = database.clock.now() - own.FORGOTTEN_AFTER
        with database.reading() as look:
            is_wanted, is_unkeyed = store.has_lists_to_send(look), bool(store.unkeyed(look, limit=1))
            is_old = store.has_old_checks(look, before=old)
        done = 0
        if is_wanted or is_unkeyed or is_old:
            with database.writing() as tx:
                done = own.send_lists(tx, key=key) + own.key_addresses(tx, key=key) + store.drop_checks(tx, before=old)
        return done + self._remove_files()

    def _remove_files(self) -> int:
        """Files of petitioners who were erased: first the files, then that there were any."""
        with self._door.database.reading() as look:
            gone = store.files_to_remove(look, limit=100)
        for file_id in gone:
            remove_file(self._door.settings.files_dir, file_id)
        if gone:
            with self._door.database.writing() as tx:
                store.forget_files(tx, gone)
        return len(gone)
