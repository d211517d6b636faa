"""A profile says how a company spells the contract, and refuses what it does not know."""

import json
import tomllib
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from webapp.contract.auth import SEALED, SecretMissing
from webapp.contract.profile import Profile, ProfileError

SOCIETY_FILE = """
encoding = "json"
timezone = "Asia/Kathmandu"
load_unit = "W"
fuel_unit = "percent"
auth = { kind = "header", name = "X-Api-Key", secret_env = "GV_METER_KEY" }
recharge_success_is_final = false
operations.dg_fuel = false
[operations.latest_readings]
path = "GetReadings.php"
params = { site_id = "siteid" }
fields = { meter_no = "meterNumber" }
"""


def test_a_society_file_sets_every_key() -> None:
    profile = Profile.from_mapping(tomllib.loads(SOCIETY_FILE))
    assert (profile.encoding, profile.load_unit, profile.fuel_unit) == ("json", "W", "percent")
    assert profile.timezone == ZoneInfo("Asia/Kathmandu")
    assert profile.auth.secret({"GV_METER_KEY": "s3cret\n"}) == "s3cret"
    assert not profile.recharge_success_is_final
    spelling = profile.spelling("latest_readings")
    assert spelling and spelling.path == "GetReadings.php"
    assert dict(spelling.params) == {"site_id": "siteid"}


def test_an_empty_profile_is_the_default_one() -> None:
    profile = Profile.from_mapping({})
    assert profile == Profile()
    assert profile.encoding == "form" and profile.recharge_success_is_final
    spelling = profile.spelling("meter_status")
    assert spelling and spelling.path == "meter-status"


def test_an_operation_that_is_false_is_not_offered() -> None:
    profile = Profile.from_mapping({"operations": {"dg_fuel": False}})
    assert not profile.offers("dg_fuel")
    assert profile.offers("dg_status")


def test_the_secret_is_never_in_the_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GV_METER_KEY", "s3cret")
    profile = Profile.from_mapping(tomllib.loads(SOCIETY_FILE))
    assert profile.auth.secret() == "s3cret"
    assert "s3cret" not in repr(profile)


def test_a_sealed_secret_is_looked_up_where_no_variable_is() -> None:
    profile = Profile.from_mapping({"auth": {"kind": "basic", "username": "gv", "sealed": True}})
    assert profile.auth.secret({SEALED: "s3cret", "KEY": "another"}) == "s3cret"
    with pytest.raises(SecretMissing, match="a manager enters it"):
        profile.auth.secret({"KEY": "another"})
    assert Profile.from_mapping(profile.to_mapping()) == profile


BAD: list[tuple[dict[str, Any], str]] = [
    ({"encodng": "form"}, "encodng"),
    ({"encoding": "xml"}, "encoding"),
    ({"encoding": ["form"]}, "encoding"),
    ({"timezone": "Asia/Atlantis"}, "timezone"),
    ({"timezone": "../../etc/passwd"}, "timezone"),
    ({"timezone": 5}, "timezone"),
    ({"load_unit": "kw"}, "load_unit"),
    ({"fuel_unit": "gallon"}, "fuel_unit"),
    ({"recharge_success_is_final": "no"}, "recharge_success_is_final"),
    ({"auth": "bearer"}, "auth"),
    ({"auth": {"kind": "magic"}}, "auth.kind"),
    ({"auth": {"kind": ["none"]}}, "auth.kind"),
    ({"auth": {"kind": "bearer"}}, "auth.secret_env"),
    ({"auth": {"kind": "bearer", "secret": "s3cret"}}, "secret"),
    ({"auth": {"kind": "bearer", "sealed": "yes"}}, "auth.sealed"),
    ({"auth": {"kind": "bearer", "sealed": True, "secret_env": "K"}}, "secret_env"),
    ({"auth": {"kind": "none", "sealed": True}}, "sealed"),
    ({"auth": {"kind": "basic", "sealed": True}}, "auth.username"),
    ({"auth": {"kind": "header", "name": "X Key", "secret_env": "K"}}, "auth.name"),
    ({"auth": {"kind": "basic", "secret_env": "K"}}, "auth.username"),
    ({"operations": []}, "operations"),
    ({"operations": {"recharg": False}}, "recharg"),
    ({"operations": {"recharge": 0}}, "operations.recharge"),
    ({"operations": {"recharge": {"url": "x"}}}, "url"),
    ({"operations": {"recharge": {"path": ""}}}, "operations.recharge.path"),
    ({"operations": {"recharge": {"path": "a\nb"}}}, "operations.recharge.path"),
    ({"operations": {"recharge": {"params": {"meter": "m"}}}}, "meter"),
    ({"operations": {"recharge": {"fields": {"token": 5}}}}, "operations.recharge.fields.token"),
    ({"operations": {"recharge": {"fields": {5: "token"}}}}, "operations.recharge.fields"),
    ({"operations": {"recharge": {"path": "https://x.example/"}}}, "operations.recharge.path"),
    ({"operations": {"recharge": {"path": "pay#now"}}}, "operations.recharge.path"),
    ({"operations": {"recharge": {"fields": {"token": "a", "amount": "a"}}}}, "operations.recharge.fields"),
    ({"operations": {"recharge": {"fields": {"token": "Meter No"}}}}, "operations.recharge.fields"),
    ({"operations": {"recharge": {"params": {"meter_no": "amount"}}}}, "operations.recharge.params"),
    (
        {"operations": {"meter_status": {"fields": {"status": "relay.state"}}}},
        "operations.meter_status.fields.status",
    ),
    (
        {"operations": {"meter_status": {"fields": {"status": "relay[0]"}}}},
        "operations.meter_status.fields.status",
    ),
    ({"auth": {"kind": "query", "name": "site_id", "secret_env": "K"}}, "auth.name"),
    ({"auth": {"kind": "header", "name": "Content-Length", "secret_env": "K"}}, "auth.name"),
    ({"auth": {"kind": "header", "name": "HOST", "secret_env": "K"}}, "auth.name"),
]


@pytest.mark.parametrize(("mapping", "key"), BAD)
def test_a_mistake_is_one_sentence_that_names_the_key(mapping: dict[str, Any], key: str) -> None:
    with pytest.raises(ProfileError) as mistake:
        Profile.from_mapping(mapping)
    assert f"“{key}”" in str(mistake.value)
    assert str(mistake.value).endswith(".") and "s3cret" not in str(mistake.value)


def test_a_mistake_in_names_says_which_two_are_one() -> None:
    fields = {"grid": "kwh", "dg": "KWH"}
    with pytest.raises(ProfileError, match="“dg” and “grid” under one name"):
        Profile.from_mapping({"operations": {"latest_readings": {"fields": fields}}})


def test_an_input_that_an_operation_which_is_off_would_have_may_be_the_secrets_name() -> None:
    auth = {"kind": "query", "name": "url", "secret_env": "K"}
    assert Profile.from_mapping({"auth": auth, "operations": {"dg_sensing": False}}).auth.name == "url"


@pytest.mark.parametrize(
    "mapping",
    [
        {},
        tomllib.loads(SOCIETY_FILE),
        {"auth": {"kind": "basic", "username": "gv", "secret_env": "K"}, "load_unit": "W"},
        {"auth": {"kind": "query", "name": "key", "secret_env": "K"}},
        {"operations": {"recharge": {"path": "Pay.php?do=it", "params": {"amount": "Rs"}}, "dg_fuel": False}},
    ],
)
def test_a_profile_goes_through_json_and_back(mapping: dict[str, Any]) -> None:
    profile = Profile.from_mapping(mapping)
    assert profile.to_mapping() == mapping
    assert Profile.from_mapping(json.loads(json.dumps(profile.to_mapping()))) == profile


def test_what_the_contract_says_already_is_left_out() -> None:
    spelled = {"recharge": {"path": "recharge", "params": {}}, "dg_fuel": True, "dg_status": {}}
    mapping = {
        "encoding": "form",
        "timezone": "Asia/Kolkata",
        "auth": {"kind": "none"},
        "operations": spelled,
    }
    assert Profile.from_mapping(mapping).to_mapping() == {}
