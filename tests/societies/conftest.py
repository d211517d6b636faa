"""The design's example of a society file, and a file that a test may change."""

from collections.abc import Callable
from pathlib import Path

import pytest

EXAMPLE = """
[society]
slug = "greenview"
name = "Green View Residency"
timezone = "Asia/Kolkata"
currency = "INR"

[[meter_servers]]
name = "main"
base_url = "http://127.0.0.1:8010/"
site_id = "GV01"
poll_every_s = 900
timeout_s = 10
generators = ["DG1", "DG2"]       # may be left out
generator_status_every_s = 30
generator_fuel_every_s = 300
recharge_queue_s = 900             # how long this company may take to credit; past it, a person looks

[meter_servers.profile]            # every key optional
encoding = "form"                  # form | json | query, for POST
timezone = "Asia/Kolkata"
load_unit = "kW"                   # kW | W
fuel_unit = "litre"                # litre | percent
auth = { kind = "header", name = "X-Api-Key", secret_env = "GV_METER_KEY" }
recharge_success_is_final = true   # false where the server queues: success then means accepted

[meter_servers.profile.operations.latest_readings]
path = "GetReadings.php"
params = { site_id = "siteid" }    # our name = theirs
fields = { meter_no = "meterNumber" }
"""

Written = Callable[..., Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """The example as a file, with words replaced: ``written(GV01="GV02")`` or ``written(text)``."""

    def write(text: str = EXAMPLE, *changes: tuple[str, str]) -> Path:
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "society.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write
