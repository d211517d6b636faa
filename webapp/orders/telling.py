"""An order's states in words: what happened, what it means, what to do now."""

from dataclasses import dataclass

from webapp.looks import money, power
from webapp.orders.models import Order
from webapp.orders.rules import Kind, State
from webapp.sentences import N_, Sentence


@dataclass(frozen=True)
class Telling:
    """How a state looks and what it says; never two alike."""

    head: str
    meaning: str  # both are sentences; nothing where the head says all
    icon: str
    tone: str  # of our css: pending, done, failed, unknown


def telling(order: Order) -> Telling:
    """What the page says of the order now."""
    if order.state is State.NOT_SENT and order.sent_at is None:
        return NEVER_TAKEN
    return SAID.get((order.kind, order.state)) or SAID_OF_ANY[order.state]


NEVER_TAKEN = Telling(
    Sentence("Not sent"),
    Sentence(
        "Meterdesk did not come to send it within a minute, so it was not sent at all. Nothing was done. "
        "Try again."
    ),
    "cloud-off",
    "failed",
)
SAID_OF_ANY = {
    State.CREATED: Telling(
        Sentence("Sending…"), Sentence("It is recorded and goes out now."), "send", "pending"
    ),
    State.SENDING: Telling(
        Sentence("Sending…"),
        Sentence("The meter server has been asked; its answer is awaited."),
        "send",
        "pending",
    ),
    State.NOT_SENT: Telling(
        Sentence("Not sent"),
        Sentence("The meter server could not be reached. Nothing was done. Try again."),
        "cloud-off",
        "failed",
    ),
    State.ACCEPTED: Telling(
        Sentence("Accepted, not yet done"),
        Sentence("The meter server took it. We read the meter back until it says so itself."),
        "hourglass",
        "pending",
    ),
    State.WAITING: Telling(
        Sentence("Waiting"),
        Sentence("The meter server took it and will do it. We keep asking."),
        "hourglass",
        "pending",
    ),
    State.DONE: Telling(Sentence("Done"), "", "circle-check", "done"),
    State.REFUSED: Telling(
        Sentence("Refused by the meter server"), Sentence("Nothing was done."), "ban", "failed"
    ),
    State.UNKNOWN: Telling(
        Sentence("We don't know yet"),
        Sentence("The meter server may have taken it. We read the meter until it says."),
        "help-hexagon",
        "unknown",
    ),
    State.REVIEW: Telling(Sentence("A person must look"), "", "help-hexagon", "unknown"),
    State.MISMATCH: Telling(
        Sentence("It did not take"),
        Sentence(
            "The meter server was asked, but the meter does not say that it happened. "
            "Try again, or look at the meter."
        ),
        "arrows-diff",
        "failed",
    ),
    State.CANCELLED: Telling(Sentence("Settled by hand"), "", "x", "failed"),
    State.DISPUTED: Telling(
        Sentence("Disputed"),
        Sentence(
            "A person settled it one way, and then the meter server said the other. A person must look."
        ),
        "help-hexagon",
        "unknown",
    ),
}
SAID = {
    (Kind.RECHARGE, State.NOT_SENT): Telling(
        Sentence("Not sent"),
        Sentence("The meter server could not be reached. Nothing was charged. Try again."),
        "cloud-off",
        "failed",
    ),
    (Kind.RECHARGE, State.REFUSED): Telling(
        Sentence("Refused by the meter server"), Sentence("Nothing was charged."), "ban", "failed"
    ),
    (Kind.RECHARGE, State.UNKNOWN): Telling(
        Sentence("We don't know yet"),
        Sentence(
            "The meter server took the request and did not answer as it should. It may have been credited. "
            "Do not pay again; we keep looking and will tell you."
        ),
        "help-hexagon",
        "unknown",
    ),
    (Kind.RECHARGE, State.REVIEW): Telling(
        Sentence("A person must look"),
        Sentence(
            "The meter server did not confirm it, nor say that it failed. It may have been credited. "
            "Do not pay again."
        ),
        "help-hexagon",
        "unknown",
    ),
    (Kind.RECHARGE, State.WAITING): Telling(
        Sentence("Waiting to be credited"),
        Sentence("The meter server has it in its queue. Do not pay again; we keep asking."),
        "hourglass",
        "pending",
    ),
    (Kind.RECHARGE, State.CANCELLED): Telling(
        Sentence("Not credited"),
        Sentence("A manager found that it did not arrive. It can be recharged again."),
        "x",
        "failed",
    ),
    (Kind.CUT, State.DONE): Telling(
        Sentence("Supply is off"), Sentence("Read back from the meter."), "circle-check", "done"
    ),
    (Kind.RESTORE, State.DONE): Telling(
        Sentence("Supply is on"), Sentence("Read back from the meter."), "circle-check", "done"
    ),
    (Kind.LOAD, State.DONE): Telling(
        Sentence("Load set, the server says"),
        Sentence("No operation reads it back from the meter."),
        "circle-check",
        "done",
    ),
    (Kind.LOAD, State.UNKNOWN): Telling(
        Sentence("We don't know whether the load is set"),
        Sentence(
            "The meter server may have taken it, and nothing reads it back. Setting it again is harmless."
        ),
        "help-hexagon",
        "unknown",
    ),
}


STATES = {
    State.CREATED: Sentence("created"),
    State.SENDING: Sentence("sending"),
    State.NOT_SENT: Sentence("not sent"),
    State.ACCEPTED: Sentence("accepted"),
    State.WAITING: Sentence("waiting"),
    State.DONE: Sentence("done"),
    State.REFUSED: Sentence("refused"),
    State.UNKNOWN: Sentence("unknown"),
    State.REVIEW: Sentence("review"),
    State.MISMATCH: Sentence("mismatch"),
    State.CANCELLED: Sentence("cancelled"),
    State.DISPUTED: Sentence("disputed"),
}


def what(order: Order) -> Sentence:
    """The order in words: “Recharge ₹500.00”."""
    if order.kind is Kind.RECHARGE:
        return Sentence("Recharge %(amount)s", amount=money(order.amount_paise))
    if order.kind is Kind.LOAD:
        grid, dg = power(order.load_grid_w), power(order.load_dg_w)
        return Sentence("Set load: grid %(grid)s kW, generator %(dg)s kW", grid=grid, dg=dg)
    return order.what.verb


def sentence(order: Order) -> tuple[Sentence, Sentence]:
    """For the desk's list: the head that is bold, and the rest."""
    unit, amount = order.unit.unit_no, money(order.amount_paise)
    if order.kind is not Kind.RECHARGE:
        happened = N_("%(order)s of %(unit)s: we don't know yet whether it happened.")
        return Sentence(happened, order=order.what.verb, unit=unit), Sentence("We keep looking.")
    if order.state is State.UNKNOWN:
        arrived = N_("Recharge of %(amount)s to %(unit)s: we don't know yet whether it arrived.")
        return Sentence(arrived, amount=amount, unit=unit), Sentence("Do not pay again; we keep looking.")
    look = Sentence("Recharge of %(amount)s to %(unit)s: a person must look.", amount=amount, unit=unit)
    return look, Sentence("Do not pay again.")
