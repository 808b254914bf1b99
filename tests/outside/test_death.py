"""Whenever the memory is killed, what is left convinces a verifier that is not ours."""

import random
import subprocess
import sys
import time

from services.audit.tlog.note import Verifier, open_checkpoint
from shared.keys import generate
from shared.settings import SERVICES
from tests.support import ROOT, database_url

ROUNDS = 4


def test_a_log_whose_process_is_killed_at_any_moment_stays_sound_and_only_grows(go, tmp_path):
    generate(tmp_path / "keys", SERVICES)
    chance = random.Random(7)
    sizes, old = [], None
    with database_url(tmp_path, "audit") as url:
        for _ in range(ROUNDS):
            run_and_kill(tmp_path, url, after_s=chance.uniform(0.05, 0.6))

            vkey = tmp_path / "logkey" / "log.vkey"
            note = (tmp_path / "log" / "checkpoint").read_text()
            sizes.append(open_checkpoint(note, Verifier.read(vkey.read_text())).size)
            assert go("tiles", tmp_path / "log", vkey).startswith("OK")
            if old:
                assert go("consistency", tmp_path / "log", vkey, old).startswith("OK")
            old = tmp_path / "old"
            old.write_text(note)
        assert go("fsck", tmp_path / "log", vkey).startswith("OK")

    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def run_and_kill(folder, url, *, after_s):
    """Let it publish once, so that there is something to lose, and kill it a moment later."""
    command = [sys.executable, "-m", "tests.outside.writer", str(folder), url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline()
        time.sleep(after_s)
        process.kill()
        process.communicate()
