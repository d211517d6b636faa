"""What is doubted is kept as a sentence, and read in anybody's language; files and logs stay English."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tests.conftest import SignIn
from tests.meters.crafted import Site, row
from webapp.contract.replies import Doubt, Supply
from webapp.extensions import db
from webapp.languages import speaking
from webapp.meters.models import MeterDoubt
from webapp.sentences import Sentence, told

FELL = {"grid_wh": 990_000}


def in_hindi(site: Site, said: str | None) -> str:
    with site.desk.app.app_context(), speaking("hi"):
        return str(told(said))


def kept(site: Site, column: str = "doubt", table: str = "meter") -> str | None:
    """As the database holds it."""
    with site.desk.app.app_context():
        query = f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608 - our own names
        found = db.session.execute(text(query)).first()
        return found[0] if found else None


def test_a_doubt_is_english_where_it_is_read_as_text_and_hindi_where_it_is_told(site: Site) -> None:
    site.says(row())
    site.says(row(1, 1, **FELL), minutes=1)
    doubt = site.meter().doubt
    assert doubt == "the grid register fell by 10.00 kWh"
    assert in_hindi(site, doubt) == "ग्रिड रजिस्टर 10.00 kWh घट गया"


def test_several_doubts_of_a_meter_are_one_text_in_either_language(site: Site) -> None:
    site.says(row())
    site.says(row(1, 1, supply=Supply.UNKNOWN, supply_word="TRIPPED", **FELL), minutes=1)
    doubt = site.meter().doubt
    assert doubt == "the grid register fell by 10.00 kWh; the server wrote “TRIPPED” for supply; it was on"
    assert in_hindi(site, doubt).endswith("सर्वर ने सप्लाई के लिए “TRIPPED” लिखा; पहले चालू थी")


def test_what_a_server_wrote_is_told_as_it_wrote_it(site: Site) -> None:
    site.says(row())
    reason = Sentence("“%(text)s” is not a number", text="[“Done”]")
    site.says(row(1, 1, balance_paise=None, doubts=(Doubt("balance", reason),)), minutes=1)
    assert site.meter().doubt == "“[“Done”]” is not a number"
    assert in_hindi(site, site.meter().doubt) == "“[“Done”]” संख्या नहीं है"


def test_a_doubt_that_goes_on_is_the_same_doubt_after_it_was_kept(site: Site) -> None:
    site.says(row())
    for minute in (1, 2, 3):
        site.says(row(1, minute, **FELL), minutes=minute)
    assert site.doubts() == [("grid", "fell", True)]
    since = site.desk.one(select(MeterDoubt)).since
    assert since == site.server().answered_at - timedelta(minutes=2)  # type: ignore[operator]


def test_a_doubt_that_was_written_before_there_were_sentences_goes_on_as_it_was(site: Site) -> None:
    site.says(row())
    site.says(row(1, 1, **FELL), minutes=1)
    with site.desk.app.app_context():
        db.session.execute(text("UPDATE meter_doubt SET reason = 'the grid register fell by 7.00 kWh'"))
        db.session.commit()
    site.says(row(1, 2, **FELL), minutes=2)
    assert site.doubts() == [("grid", "fell", True)]
    assert in_hindi(site, site.meter().doubt) == "the grid register fell by 7.00 kWh"


def test_a_meter_without_doubt_keeps_none(site: Site) -> None:
    site.says(row())
    site.says(row(1, 1, **FELL), minutes=1)
    assert kept(site) == (
        '["the %(what)s fell by %(kwh)s kWh", {"what": ["grid register", {}], "kwh": ["10.00"]}]'
    )
    site.says(row(1, 2), minutes=2)
    assert kept(site) is None and site.meter().doubt is None


def test_the_remark_of_a_reply_is_told_in_hindi_with_its_losses(site: Site) -> None:
    site.says(row(1), row(2))
    lost = Sentence("Rows without a legible meter number, left out: %(n)s.", n=1)
    remark = site.says(row(1, 1), minutes=1, deviations=(lost,))
    assert remark.startswith("1 of 2 meters were missing") and remark.endswith("left out: 1.")
    assert in_hindi(site, remark) == (
        "पिछले जवाब में 2 में से 1 मीटर नहीं थे; उनके पिछले सही मान दिखाए जा रहे हैं। "
        "बिना पढ़ने लायक मीटर नंबर की पंक्तियाँ छोड़ी गईं: 1।"
    )


def test_why_a_server_failed_is_told_in_hindi_and_logged_in_english(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.desk.fault("latest_readings", "html", times=1)
    with caplog.at_level(logging.WARNING):
        trouble = site.desk.poll()
    assert trouble == "The meter server answered with a web page."
    assert trouble in caplog.text
    with site.desk.app.app_context():
        assert kept(site, "trouble", "meter_server") != trouble
    assert in_hindi(site, trouble) == "मीटर सर्वर से यह जवाब आया: एक वेब पेज।"


def test_the_csv_says_a_doubt_in_english_to_whoever_reads_hindi(site: Site, sign_in: SignIn) -> None:
    site.desk.fault("latest_readings", "zero", times=1)
    site.desk.poll()
    with site.desk.app.app_context():
        db.session.execute(text("UPDATE user SET language = 'hi'"))
        db.session.commit()
    office = sign_in("office@greenview.example")
    assert (
        "the last reply said ₹0 for nearly every meter at once" in office.get("/s/greenview/units.csv").text
    )
    assert "एक साथ ₹0 था" in office.get("/s/greenview/units").text
