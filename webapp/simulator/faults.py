"""What goes wrong between a meter server and its callers, as a table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from webapp.contract.operations import OPERATIONS
from webapp.simulator.exchange import Exchange
from webapp.simulator.wire import Body

_AN_HOUR_S = 3_600
_PIECES = 100
_PAGE = (
    b"<!doctype html><title>Meter server</title><h1>Something went wrong</h1><p>Please try again later.</p>"
)


@dataclass(frozen=True)
class Kind:
    """One way to go wrong: where it can, and what the caller then sees instead of the reply."""

    act: Callable[[Exchange, float], None]
    operations: frozenset[str] = frozenset(OPERATIONS)
    seconds: float = 0  # unless the fault says


def _delay(exchange: Exchange, seconds: float) -> None:
    """The effect at once, the reply later: a caller that gave up meanwhile still caused it."""
    exchange.delay_s += seconds
    exchange.reply()


def _drip(exchange: Exchange, seconds: float) -> None:
    """The body in small pieces, over ``seconds``."""
    said = exchange.answer()
    body = exchange.spelled(said)
    exchange.head(exchange.status_of(said), len(body))
    size = -(-len(body) // _PIECES)
    starts = range(0, len(body), size)
    for start in starts:
        if exchange.over:
            return  # whoever asked has gone
        exchange.pause(seconds / len(starts))
        exchange.write(body[start : start + size])


def _reset_before(exchange: Exchange, _seconds: float) -> None:
    """The connection is reset; no effect."""
    exchange.reset()


def _drop_reply(exchange: Exchange, _seconds: float) -> None:
    """The effect, then the connection is closed without a word."""
    exchange.answer()
    exchange.hang_up()


def _truncate(exchange: Exchange, _seconds: float) -> None:
    """The effect, then half of the body that the head announced."""
    said = exchange.answer()
    body = exchange.spelled(said)
    exchange.head(exchange.status_of(said), len(body))
    exchange.write(body[: len(body) // 2])
    exchange.hang_up()


def _garble(exchange: Exchange, _seconds: float) -> None:
    """The effect, then as many bytes as the reply had, none of them right."""
    exchange.send(200, bytes(byte ^ 0xA5 for byte in exchange.spelled(exchange.answer())))


def _html(exchange: Exchange, _seconds: float) -> None:
    """The effect, then a page for people, with 200."""
    exchange.answer()
    exchange.send(200, _PAGE, "text/html; charset=utf-8")


def _http_500(exchange: Exchange, _seconds: float) -> None:
    """The effect, then 500 with a body that speaks of refusal, which it was not (contract §2)."""
    exchange.answer()
    exchange.send(500, exchange.spelled(exchange.refusal))


def _redirect(exchange: Exchange, _seconds: float) -> None:
    """No effect; off to a login page."""
    exchange.send(302, b"", "text/html; charset=utf-8", {"Location": "/login"})


def _refuse(exchange: Exchange, _seconds: float) -> None:
    """No effect; the document's own error."""
    exchange.say(exchange.refusal)


def _freeze(exchange: Exchange, _seconds: float) -> None:
    """An old reply again, without an effect: the last one to the same request.

    Who asks for the first time is told what was an hour ago; who acts for the first time acts. Either
    is the old reply from then on.
    """
    old = exchange.last_reply()
    earlier_s = _AN_HOUR_S if exchange.operation.method == "GET" else 0
    exchange.repeat(old if old is not None else exchange.answer(earlier_s=earlier_s))


def _zero(exchange: Exchange, _seconds: float) -> None:
    """Every balance 0, but for the meters that have none."""
    body = exchange.answer()
    data = body["data"]
    for row in data if isinstance(data, list) else [data]:
        if isinstance(row, dict) and row.get("balance") is not None:
            row["balance"] = "0.00"
    exchange.say(body)


def _half(exchange: Exchange, _seconds: float) -> None:
    """The first half of the list, and a count that agrees with it."""
    body: Body = exchange.answer()
    rows = body["data"]
    if isinstance(rows, list):
        kept = rows[: len(rows) // 2]
        body = {**body, "count": str(len(kept)), "data": kept}
    exchange.say(body)


def _queue(exchange: Exchange, seconds: float) -> None:
    """Accepted now with ``waiting``, credited ``seconds`` later (operation 4's optional case)."""
    exchange.say(exchange.answer(queue_s=seconds))


def _pretend(exchange: Exchange, _seconds: float) -> None:
    """Success, and nothing happens: a relay that says sent, not done."""
    exchange.say(exchange.answer(idle=True))


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "delay": Kind(_delay, seconds=5),
        "drip": Kind(_drip, seconds=10),
        "reset_before": Kind(_reset_before),
        "drop_reply": Kind(_drop_reply),
        "truncate": Kind(_truncate),
        "garble": Kind(_garble),
        "html": Kind(_html),
        "http_500": Kind(_http_500),
        "redirect": Kind(_redirect),
        "refuse": Kind(_refuse),
        "freeze": Kind(_freeze),
        "zero": Kind(_zero, frozenset({"latest_readings", "meter_reading"})),
        "half": Kind(_half, frozenset({"latest_readings"})),
        "queue": Kind(_queue, frozenset({"recharge"}), seconds=30),
        "pretend": Kind(_pretend, frozenset({"start_meter", "stop_meter", "update_load"})),
    }
)
