"""What the README promises of `make demo`."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(240)
def test_the_demonstration_drives_every_sample_to_an_end_and_verifies_the_log() -> None:
    shown = subprocess.run([sys.executable, "-m", "ops.demo"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert shown.returncode == 0, shown.stderr[-2000:]
    assert "0 not as expected; the log is sound" in shown.stdout
