"""Pages come small to whoever can unpack them, and as they are to whoever cannot."""

import gzip

import brotli
import pytest
from flask.testing import FlaskClient

from tests.conftest import Desk, SignIn

UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress}


@pytest.fixture
def office(desk: Desk, sign_in: SignIn) -> FlaskClient:
    return sign_in("office@greenview.example")


@pytest.mark.parametrize(
    ("asked", "sent"),
    [("br", "br"), ("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("*", "br")],
)
def test_a_page_is_a_fraction_of_its_size_and_the_same_page(
    office: FlaskClient, asked: str, sent: str
) -> None:
    packed = office.get("/s/greenview/units", headers={"Accept-Encoding": asked})
    assert packed.headers["Content-Encoding"] == sent
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    page = UNPACK[sent](packed.data)
    assert b'id="units"' in page and page.endswith(b"</html>") and len(packed.data) < len(page) / 4


@pytest.mark.parametrize("asked", ["", "identity", "zstd", "br;q=0"])
def test_whoever_cannot_unpack_is_given_the_page_as_it_is(office: FlaskClient, asked: str) -> None:
    answer = office.get("/s/greenview/units", headers={"Accept-Encoding": asked})
    assert "Content-Encoding" not in answer.headers
    assert b"</html>" in answer.data and "Accept-Encoding" in answer.headers["Vary"]


def test_a_stream_and_a_file_that_is_streamed_are_left_alone(office: FlaskClient) -> None:
    for path in ("events", "units.csv", "units?print=1"):
        answer = office.get(f"/s/greenview/{path}", headers={"Accept-Encoding": "br"})
        assert "Content-Encoding" not in answer.headers, path
        answer.close()


def test_what_is_small_is_not_worth_it(office: FlaskClient) -> None:
    answer = office.get("/healthz", headers={"Accept-Encoding": "br"})
    assert answer.status_code == 200 and "Content-Encoding" not in answer.headers
