"""Meter servers by page: tried before they are saved, checked as they stand, secrets never shown back."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.conftest import Desk, SignIn, load_society
from tests.contract.tiny_server import TinyServer, answer
from webapp.contract.replies import LatestReadings, Reading
from webapp.desk.server_forms import shown
from webapp.extensions import db
from webapp.generators.models import Generator
from webapp.meters import polling
from webapp.meters.models import Meter
from webapp.societies import files, trials
from webapp.societies.files import ServerPart
from webapp.societies.models import MeterServer
from webapp.societies.trials import ServerTrial

SECRET = "s3cret of the company"


@pytest.fixture
def manager(desk: Desk, sign_in: SignIn) -> FlaskClient:
    return sign_in("manager@greenview.example")


def typed(desk: Desk, **changed: str) -> dict[str, str]:
    """The form of another server of the simulator, with some fields typed otherwise."""
    part = ServerPart(name="second", base_url=desk.box.url, site_id="LS01", generators=["DG1"], timeout_s=5)
    return shown(part) | changed


def stored(desk: Desk, name: str = "main") -> MeterServer:
    return desk.one(select(MeterServer).filter_by(name=name))


def form_of(desk: Desk, **changed: str) -> dict[str, str]:
    return shown(files.part_of(stored(desk), ["DG1", "DG2"])) | changed


def tried(desk: Desk, client: FlaskClient, address: str, data: dict[str, str]) -> str:
    """Press “Try it” and wait for the end: the trial's address."""
    answered = client.post(address, data=data)
    assert answered.status_code == 303, said(answered.text)
    desk.work()
    return str(answered.location)


def said(page: str) -> list[str]:
    return re.findall(r'role="alert">.*?<div>(.*?)</div>', unescape(page), re.DOTALL)


NEW = "/s/greenview/servers/new"


def test_a_new_server_is_tried_then_saved_and_polled(desk: Desk, manager: FlaskClient) -> None:
    at = tried(desk, manager, NEW, typed(desk))
    assert len(desk.all(select(MeterServer))) == 1
    page = manager.get(at).text
    assert "We can work with it." in page and "latest_readings" in page
    assert manager.post(at).status_code == 303
    server = stored(desk, "second")
    assert (server.site_id, server.next_poll_at) == ("LS01", None)
    assert [each.dg_no for each in desk.all(select(Generator).filter_by(server_id=server.id))] == ["DG1"]


def test_what_is_saved_is_what_was_tried_and_only_once(desk: Desk, manager: FlaskClient) -> None:
    at = tried(desk, manager, NEW, typed(desk))
    manager.post(at)
    assert manager.post(at).status_code == 409
    assert len(desk.all(select(MeterServer))) == 2
    assert "Saved." in manager.get(at).text


def test_a_trial_changes_nothing_at_the_meter_server(desk: Desk, manager: FlaskClient) -> None:
    before = desk.world("LS01")["calls"]
    tried(desk, manager, NEW, typed(desk))
    changed = {name for name, n in desk.world("LS01")["calls"].items() if n != before.get(name, 0)}
    assert changed == {"latest_readings", "meter_reading", "meter_status", "recharge_status",
                       "meter_changes", "dg_status", "dg_fuel", "dg_reading"}  # fmt: skip


def test_a_server_that_is_not_there_is_said_to_be_none_and_may_be_saved_all_the_same(
    desk: Desk, manager: FlaskClient
) -> None:
    at = tried(desk, manager, NEW, typed(desk, base_url="http://127.0.0.1:9/"))
    page = manager.get(at).text
    assert "We cannot work with it" in page and "Save it all the same" in page
    assert page.count("Not tried, because nothing could be sent.") == 7
    assert manager.post(at).status_code == 303


def test_while_it_is_asked_the_page_says_so_and_asks_again_by_itself(
    desk: Desk, manager: FlaskClient
) -> None:
    at = str(manager.post(NEW, data=typed(desk)).location)
    page = manager.get(at).text
    assert "It is being asked" in page and 'hx-trigger="every 1s"' in page
    assert manager.post(at).status_code == 409
    desk.work()
    assert "hx-trigger" not in manager.get(at, headers={"HX-Request-Type": "partial"}).text


def test_a_trial_whose_worker_died_says_that_it_was_broken_off(desk: Desk, manager: FlaskClient) -> None:
    at = str(manager.post(NEW, data=typed(desk)).location)
    with desk.app.app_context():
        long_ago = datetime.now(UTC) - timedelta(minutes=6)
        db.session.execute(update(ServerTrial).values(state="trying", lived_at=long_ago))
        db.session.commit()
    assert "broken off" in manager.get(at).text
    assert manager.post(at).status_code == 409


def test_a_check_asks_the_server_as_it_stands_and_saves_nothing(desk: Desk, manager: FlaskClient) -> None:
    before = files.part_of(stored(desk), [])
    at = str(manager.post(f"/s/greenview/servers/{desk.server_id}/check").location)
    desk.work()
    assert "We can work with it." in manager.get(at).text
    assert manager.post(at).status_code == 409
    assert files.part_of(stored(desk), []) == before


def test_what_a_reply_deviates_in_stands_in_the_table(desk: Desk, manager: FlaskClient) -> None:
    desk.fault("meter_status", "html", times=1)
    desk.fault("latest_readings", "half", times=1)
    at = str(manager.post(f"/s/greenview/servers/{desk.server_id}/check").location)
    desk.work()
    page = manager.get(at).text
    assert "A cut or a restore cannot be confirmed" in page and "not readable" in page
    assert "Rows: 12." in page


def test_a_known_server_is_changed_as_it_was_tried(desk: Desk, manager: FlaskClient) -> None:
    address = f"/s/greenview/servers/{desk.server_id}"
    data = form_of(desk, poll_every_s="120", load_unit="W", generators="DG1, DG2")
    manager.post(tried(desk, manager, address, data))
    server = stored(desk)
    assert (server.poll_every_s, server.profile.load_unit) == (120, "W")
    assert len(desk.all(select(Generator))) == 2


def test_whoever_saves_later_does_not_undo_what_somebody_saved_meanwhile(
    desk: Desk, manager: FlaskClient
) -> None:
    address = f"/s/greenview/servers/{desk.server_id}"
    first = tried(desk, manager, address, form_of(desk, poll_every_s="120"))
    second = tried(desk, manager, address, form_of(desk, poll_every_s="240"))
    assert manager.post(first).status_code == 303
    answered = manager.post(second)
    assert answered.status_code == 409 and "meanwhile" in answered.text
    assert stored(desk).poll_every_s == 120


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"base_url": "meters.example"}, "base_url takes an address"),
        ({"base_url": "http://gv:pw@meters.example/"}, "takes no user or password"),
        ({"poll_every_s": "1"}, "more often than every 5 seconds"),
        ({"poll_every_s": "often"}, "“often” is no whole number"),
        ({"timeout_s": "nan"}, "timeout_s must be above 0"),
        ({"site_id": " "}, "site_id 1 to 64"),
        ({"name": "main"}, "cannot have the same name"),
        ({"timezone": "Asia/Atlantis"}, "must name a zone"),
        ({"generators": "DG 1;DROP"}, "a generator's number"),
        ({"generators": " ".join(f"DG{n}" for n in range(51))}, "more than 50 generators"),
        ({"auth_kind": "header", "auth_name": "X Key", "secret": "s"}, "name of an HTTP header"),
        ({"auth_kind": "magic"}, "“auth.kind”"),
        ({"recharge.path": "https://x.example/"}, "“operations.recharge.path”"),
        ({"recharge.fields.token": "a", "recharge.fields.amount": "a"}, "under one name"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(
    desk: Desk, manager: FlaskClient, changed: dict[str, str], words: str
) -> None:
    answered = manager.post(NEW, data=typed(desk, **changed))
    assert answered.status_code == 422
    assert any(words in each for each in said(answered.text)), said(answered.text)
    assert 'value="LS01"' in answered.text or "site_id" in changed
    assert desk.all(select(ServerTrial)) == []


@pytest.fixture
def company() -> Iterator[TinyServer]:
    """A company that answers nothing useful, and remembers how it was asked."""
    with TinyServer() as server:
        server.behaviour = answer({"status": "success", "count": "0", "data": []})
        yield server


def keyed(desk: Desk, company: TinyServer, **changed: str) -> dict[str, str]:
    key = {"auth_kind": "basic", "auth_username": "gv", "secret": SECRET, "base_url": company.base_url}
    return typed(desk, **(key | changed))


def test_a_secret_is_sealed_sent_and_never_shown_back(
    desk: Desk, manager: FlaskClient, company: TinyServer
) -> None:
    at = tried(desk, manager, NEW, keyed(desk, company))
    assert company.asked[0].headers["authorization"] == basic("gv", SECRET)
    manager.post(at)
    server, trial = stored(desk, "second"), desk.one(select(ServerTrial))
    assert server.profile_data["auth"] == {"kind": "basic", "username": "gv", "sealed": True}
    assert SECRET not in f"{server.secret_sealed} {trial.part_data} {trial.secret_sealed}"
    for page in (at, "/s/greenview/servers", f"/s/greenview/servers/{server.id}", f"{NEW}?trial={trial.id}"):
        shown_page = manager.get(page).text
        assert SECRET not in shown_page and server.secret_sealed not in shown_page


def basic(user: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()


def saved(desk: Desk, manager: FlaskClient, company: TinyServer) -> tuple[str, dict[str, str]]:
    """A server with a sealed secret: its page, and its form with the secret left blank."""
    manager.post(tried(desk, manager, NEW, keyed(desk, company)))
    server = stored(desk, "second")
    return f"/s/greenview/servers/{server.id}", shown(files.part_of(server, ["DG1"]))


def test_a_secret_that_is_not_typed_anew_is_kept(
    desk: Desk, manager: FlaskClient, company: TinyServer
) -> None:
    address, form = saved(desk, manager, company)
    company.asked.clear()
    manager.post(tried(desk, manager, address, form | {"poll_every_s": "300"}))
    assert company.asked[0].headers["authorization"] == basic("gv", SECRET)
    assert stored(desk, "second").poll_every_s == 300


def test_a_kept_secret_is_never_sent_to_another_address(
    desk: Desk, manager: FlaskClient, company: TinyServer
) -> None:
    address, form = saved(desk, manager, company)
    with TinyServer() as stranger:
        stranger.behaviour = company.behaviour
        answered = manager.post(address, data=form | {"base_url": stranger.base_url})
        desk.work()
        assert answered.status_code == 422 and "Enter the secret" in answered.text
        assert stranger.asked == []


def test_a_variable_of_the_installation_is_kept_and_never_sent_to_another_address(
    desk: Desk, manager: FlaskClient, company: TinyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GV_KEY", SECRET)
    auth = {"kind": "bearer", "secret_env": "GV_KEY"}
    with desk.app.app_context():
        change: dict[str, Any] = {"base_url": company.base_url, "profile_data": {"auth": auth}}
        db.session.execute(update(MeterServer).values(change))
        db.session.commit()
    address, form = f"/s/greenview/servers/{desk.server_id}", form_of(desk)
    tried(desk, manager, address, form)
    assert company.asked[0].headers["authorization"] == f"Bearer {SECRET}"
    moved = manager.post(address, data=form | {"base_url": "https://stranger.example/"})
    named = manager.post(NEW, data=typed(desk, auth_kind="bearer", auth_secret_env="METERDESK_SECRET_KEY"))
    assert (moved.status_code, named.status_code) == (422, 422)


def test_a_kept_secret_opens_no_other_site(desk: Desk, manager: FlaskClient, company: TinyServer) -> None:
    address, form = saved(desk, manager, company)
    company.asked.clear()
    answered = manager.post(address, data=form | {"site_id": "GV02"})
    assert answered.status_code == 422 and "Enter the secret" in answered.text
    assert company.asked == []


def test_a_server_that_has_meters_keeps_its_site(desk: Desk, manager: FlaskClient) -> None:
    answered = manager.post(f"/s/greenview/servers/{desk.server_id}", data=form_of(desk, site_id="LS01"))
    assert answered.status_code == 422
    assert said(answered.text) == ["Its meters are of site GV01, and stay so. Add another server."]


def test_another_societys_site_is_not_taken(desk: Desk, manager: FlaskClient) -> None:
    with desk.app.app_context():
        load_society(desk.box.url, "lakeside", "LS01")
    before = desk.calls("latest_readings")
    answered = manager.post(NEW, data=typed(desk, base_url=desk.box.url + "x/../"))
    assert answered.status_code == 422 and "cannot be added here" in answered.text
    desk.work()
    assert desk.calls("latest_readings") == before


def test_what_was_asked_before_a_change_is_not_taken_for_the_changed_servers(
    desk: Desk, manager: FlaskClient
) -> None:
    at = tried(desk, manager, f"/s/greenview/servers/{desk.server_id}", form_of(desk, timeout_s="7"))
    with desk.app.app_context():
        asked = polling.claim(desk.server_id, datetime.now(UTC), even_if_early=True)
    manager.post(at)
    with desk.app.app_context():
        assert asked is not None
        polling.answered(asked, LatestReadings([Reading("STRANGE")]), datetime.now(UTC))
    assert desk.all(select(Meter).filter_by(meter_no="STRANGE")) == []
    assert stored(desk).next_poll_at is None


def test_a_draft_that_is_taken_up_again_keeps_its_secret(
    desk: Desk, manager: FlaskClient, company: TinyServer
) -> None:
    tried(desk, manager, NEW, keyed(desk, company))
    draft = desk.one(select(ServerTrial))
    page = manager.get(f"{NEW}?trial={draft.id}").text
    assert 'value="gv"' in page and "One is kept." in page
    form = shown(draft.part) | {"trial": str(draft.id), "name": "third"}
    company.asked.clear()
    tried(desk, manager, NEW, form)
    assert company.asked[0].headers["authorization"] == basic("gv", SECRET)


def test_with_another_key_of_the_installation_a_sealed_secret_is_not_known_and_nothing_is_sent(
    desk: Desk, manager: FlaskClient, company: TinyServer
) -> None:
    manager.post(tried(desk, manager, NEW, keyed(desk, company)))
    with desk.app.app_context():
        db.session.execute(update(MeterServer).filter_by(name="second").values(secret_sealed="gAAAAnothers"))
        db.session.commit()
    company.asked.clear()
    at = str(manager.post(f"/s/greenview/servers/{stored(desk, 'second').id}/check").location)
    desk.work()
    assert company.asked == [] and "secret is not known here" in manager.get(at).text


def test_old_drafts_are_swept_out(desk: Desk, manager: FlaskClient) -> None:
    tried(desk, manager, NEW, typed(desk))
    with desk.app.app_context():
        db.session.execute(update(ServerTrial).values(made_at=datetime.now(UTC) - timedelta(days=3)))
        db.session.commit()
        trials.forget_old()
    assert desk.all(select(ServerTrial)) == []


def test_another_societys_draft_is_not_taken_up(desk: Desk, manager: FlaskClient) -> None:
    tried(desk, manager, NEW, typed(desk, auth_kind="bearer", secret=SECRET))
    with desk.app.app_context():
        db.session.execute(update(ServerTrial).values(server_id=desk.server_id))
        db.session.commit()
    draft = desk.one(select(ServerTrial))
    assert 'value="LS01"' not in manager.get(f"{NEW}?trial={draft.id}").text
