"""What a whole reply means: yes, not yet, no, or nothing that we can read (contract, reading 2)."""

import gzip
import json
import time
import zlib
from typing import Any

import pytest

from webapp.contract.client import MeterServerClient
from webapp.contract.errors import Refused, Unanswered, Unreadable
from webapp.contract.packing import LARGEST_REPLY
from webapp.contract.profile import Profile
from webapp.contract.replies import Supply

from .tiny_server import TinyServer, answer

NO = {"status": "Error", "message": "Operation Not Successful", "Remarks": " Meter was already STARTED"}
YES = {"status": "success", "message": "Done", "data": {"meter_no": "M1", "status": "ON"}}
SUPPLY = {"status": "success", "data": {"meter_no": "M1", "status": "On"}}


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "400 Bad Request", "404 Not Found"])
def test_a_refusal_is_one_under_200_as_under_400(
    server: TinyServer, client: MeterServerClient, status: str
) -> None:
    server.behaviour = answer(NO, status)
    with pytest.raises(Refused) as refusal:
        client.start_meter("M1")
    assert refusal.value.words == "Operation Not Successful; Meter was already STARTED"
    assert refusal.value.operation == "start_meter"


@pytest.mark.parametrize("status", ["500 Oops", "502 Bad Gateway", "302 Found", "307 Again", "304 Same"])
@pytest.mark.parametrize("body", [NO, YES, "", "<html>"])
def test_for_a_command_5xx_and_3xx_are_never_a_refusal(
    server: TinyServer, client: MeterServerClient, status: str, body: object
) -> None:
    server.behaviour = answer(body, status, f"Location: {server.base_url}recharge")
    with pytest.raises(Unanswered, match="It may have acted all the same"):
        client.recharge("M1", 100)
    assert len(server.asked) == 1


def test_a_failing_server_keeps_its_words(server: TinyServer, client: MeterServerClient) -> None:
    server.behaviour = answer(NO, "500 Oops")
    with pytest.raises(Unanswered) as failure:
        client.recharge("M1", 100)
    assert failure.value.words.startswith("Operation Not Successful")


def test_a_read_follows_no_redirect(server: TinyServer, client: MeterServerClient) -> None:
    server.behaviour = answer("", "302 Found", f"Location: {server.base_url}login")
    with pytest.raises(Unreadable, match="another address"):
        client.latest_readings()
    assert len(server.asked) == 1


def test_a_read_that_failed_over_there_is_unanswered(server: TinyServer, client: MeterServerClient) -> None:
    server.behaviour = answer(YES, "503 Busy")
    with pytest.raises(Unanswered, match="HTTP 503"):
        client.dg_sensing("DG1", "https://x.example/")


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("", "an empty answer"),
        ("  \n", "an empty answer"),
        ("<html>Please log in</html>", "a web page"),
        ("OK", "something that is not JSON"),
        ("[1, 2]", "not the contract's"),
        ('{"message": "Unauthenticated."}', "not the contract's"),
        ('{"status": 200, "data": {}}', "not the contract's"),
        ('{"status": "", "data": {}}', "not the contract's"),
        ('{"data": [{"meter_no": "M1"}]}', "not the contract's"),
        ("[" * 100_000, "not JSON"),
    ],
)
@pytest.mark.parametrize("status", ["200 OK", "401 Unauthorized"])
def test_what_is_not_the_contracts_is_unreadable(
    server: TinyServer, client: MeterServerClient, body: str, what: str, status: str
) -> None:
    server.behaviour = answer(body, status)
    with pytest.raises(Unreadable, match=what):
        client.recharge("M1", 100)
    with pytest.raises(Unreadable, match=what):
        client.latest_readings()


@pytest.mark.parametrize("said", ["success", "waiting"])
def test_yes_under_404_is_neither_yes_nor_no(
    server: TinyServer, client: MeterServerClient, said: str
) -> None:
    server.behaviour = answer({"status": said, "data": None}, "404 Not Found")
    with pytest.raises(Unreadable, match="yes and no at once"):
        client.recharge("M1", 100)


@pytest.mark.parametrize("word", ["Successful", "OK", "done.", "Completed"])
def test_another_word_for_yes_is_yes(server: TinyServer, client: MeterServerClient, word: str) -> None:
    server.behaviour = answer({"status": word, "data": {"transaction_id": "T1"}})
    assert not client.recharge("M1", 100).pending


@pytest.mark.parametrize("word", ["pending", "In Progress", "in_progress", "QUEUED", "Accepted", "submitted"])
def test_another_word_for_not_yet_is_pending(
    server: TinyServer, client: MeterServerClient, word: str
) -> None:
    server.behaviour = answer({"status": word, "data": {"transaction_id": "T1"}})
    assert client.recharge("M1", 100).pending and client.recharge_status("T1").pending


@pytest.mark.parametrize("word", ["Recharged", "1", "0", "Y", "N", "true", "errors", "not success", "सफल"])
def test_a_word_we_do_not_know_refuses_no_command(
    server: TinyServer, client: MeterServerClient, word: str
) -> None:
    server.behaviour = answer({"status": word, "message": "see there", "data": None}, "400 Bad Request")
    for command in (lambda: client.recharge("M1", 100), lambda: client.stop_meter("M1")):
        with pytest.raises(Unreadable, match=r"a word we don't know.*may have acted") as failure:
            command()
        assert failure.value.words == "see there"


@pytest.mark.parametrize("word", ["Fail", "FAILURE", "declined", "Not Found", "Rejected."])
def test_another_word_for_no_is_no(server: TinyServer, client: MeterServerClient, word: str) -> None:
    server.behaviour = answer({"status": word, "message": "no such meter", "data": None})
    with pytest.raises(Refused):
        client.recharge("M1", 100)


@pytest.mark.parametrize(
    "words",
    [
        "Request timed out at gateway; meter may be credited",
        "Gateway time-out",
        "Timeout",
        "Amount will be credited shortly",
        "might still be credited",
        "Already credited",
        "Meter already recharged",
    ],
)
def test_a_no_whose_own_words_leave_it_open_is_none(
    server: TinyServer, client: MeterServerClient, words: str
) -> None:
    server.behaviour = answer({"status": "error", "message": words, "data": None})
    with pytest.raises(Unanswered, match="It may have acted all the same"):
        client.recharge("M1", 100)


@pytest.mark.parametrize(
    "words", ["Limit of recharges in a time span reached", "Credit not allowed", "Not accessible"]
)
def test_a_plain_no_stays_a_no(server: TinyServer, client: MeterServerClient, words: str) -> None:
    server.behaviour = answer(
        {"status": "error", "message": words, "data": {"transaction_id": "", "token": None}}
    )
    with pytest.raises(Refused):
        client.recharge("M1", 100)


@pytest.mark.parametrize("data", [{"Transaction Id": "T1"}, {"token": "1234"}, [{"transaction_id": 7}]])
def test_a_no_with_a_transaction_or_a_token_is_none(
    server: TinyServer, client: MeterServerClient, data: object
) -> None:
    server.behaviour = answer({"status": "error", "message": "no", "data": data})
    with pytest.raises(Unanswered):
        client.recharge("M1", 100)


def test_the_companys_own_name_for_a_transaction_is_known_there_too(server: TinyServer) -> None:
    profile = Profile.from_mapping({"operations": {"recharge": {"fields": {"transaction_id": "Voucher"}}}})
    server.behaviour = answer({"status": "error", "message": "no", "data": {"voucher": "V1"}})
    with pytest.raises(Unanswered):
        MeterServerClient(server.base_url, "GV01", profile, 5).recharge("M1", 100)


@pytest.mark.parametrize(
    ("token", "read"),
    [
        ("0012 3456", "0012 3456"),
        (12345678, "12345678"),
        (["11112222333344445555", "00667777888899990000"], "11112222333344445555, 00667777888899990000"),
        ([], None),
        (["", None, "1234"], "1234"),
        ([["1234"], "5678"], "5678"),
    ],
)
def test_every_token_is_kept_in_order(
    server: TinyServer, client: MeterServerClient, token: object, read: str | None
) -> None:
    server.behaviour = answer({"status": "success", "data": {"meter_no": "M1", "token": token}})
    reply = client.recharge("M1", 100)
    assert reply.token == read
    assert [doubt.field for doubt in reply.doubts] == (["token"] if token == [["1234"], "5678"] else [])


def test_waiting_is_pending(server: TinyServer, client: MeterServerClient) -> None:
    server.behaviour = answer({"status": "Waiting", "message": "queued", "data": {"transaction_id": 77}})
    assert client.recharge_status("77").pending and client.recharge("M1", 100).pending
    assert client.stop_meter("M1").pending and client.update_load("M1", 1000, 1000).pending
    assert client.recharge_status("77").transaction_id == "77"


def test_waiting_is_no_answer_to_a_question(server: TinyServer, client: MeterServerClient) -> None:
    server.behaviour = answer({"status": "waiting", "data": {"meter_no": "M1", "status": "ON"}})
    with pytest.raises(Refused, match="asks to wait"):
        client.meter_status("M1")


def test_the_servers_words_are_cleaned_and_cut(server: TinyServer, client: MeterServerClient) -> None:
    words = "No\x00 \u202eway\ud800\n" + "x" * 5000
    server.behaviour = answer({"status": "error", "message": words, "Remarks": 5, "remarks": "late"})
    with pytest.raises(Refused) as refusal:
        client.start_meter("M1")
    assert refusal.value.words.startswith("No way\ufffd xxx")
    assert len(refusal.value.words) <= 300 and json.dumps(refusal.value.words, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(json.dumps(SUPPLY).encode(), mtime=0)),
        ("deflate", zlib.compress(json.dumps(SUPPLY).encode())),
        ("Deflate", zlib.compress(json.dumps(SUPPLY).encode(), wbits=-15)),
        ("identity", json.dumps(SUPPLY).encode()),
    ],
)
def test_a_compressed_reply_is_read_anyway(
    server: TinyServer, client: MeterServerClient, coding: str, packed: bytes
) -> None:
    server.behaviour = answer(packed, "200 OK", f"Content-Encoding: {coding}")
    assert client.meter_status("M1").supply is Supply.ON
    assert server.asked[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("coding", "packed"),
    [("gzip", gzip.compress(b" " * (LARGEST_REPLY + 1), mtime=0)), ("gzip", b"no gzip"), ("br", b"?")],
)
def test_what_cannot_be_unpacked_is_unreadable(
    server: TinyServer, client: MeterServerClient, coding: str, packed: bytes
) -> None:
    server.behaviour = answer(packed, "200 OK", f"Content-Encoding: {coding}")
    with pytest.raises(Unreadable):
        client.recharge("M1", 100)
    server.behaviour = answer(packed, "500 Oops", f"Content-Encoding: {coding}")
    with pytest.raises(Unanswered):
        client.recharge("M1", 100)


@pytest.mark.parametrize(
    "bend",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace('"success"', '" Success "'),
        lambda text: text.replace("}", ",}"),
        lambda text: "// from the relay\n" + text.replace(",", ", /* and, */ "),
        lambda text: text.replace('"', "'"),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("data", "DATA ").replace("status", "Status"),
    ],
)
def test_json_is_read_as_servers_write_it(server: TinyServer, client: MeterServerClient, bend: Any) -> None:
    server.behaviour = answer(bend(json.dumps(SUPPLY)), "200 OK", "Content-Type: text/html")
    assert client.meter_status("M1").supply is Supply.ON


def test_a_hostile_reply_is_given_up_quickly(server: TinyServer, client: MeterServerClient) -> None:
    server.behaviour = answer('{"' + '\\"' * 500_000 + "[" * 500_000)
    start = time.monotonic()
    with pytest.raises(Unreadable):
        client.latest_readings()
    assert time.monotonic() - start < 5
