import pytest

from tests.conftest import Desk
from tests.meters.crafted import Site, another_site


@pytest.fixture
def site(desk: Desk) -> Site:
    return another_site(desk, "lakeside")
