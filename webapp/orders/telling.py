"""An order's states in words: what happened, what it means, what to do now."""

from dataclasses import dataclass

from webapp.looks import money, power
from webapp.orders.models import Order
from webapp.orders.rules import Kind, State


@dataclass(frozen=True)
class Telling:
    """How a state looks and what it says; never two alike."""

    head: str
    meaning: str
    icon: str
    tone: str  # of our css: pending, done, failed, unknown


def telling(order: Order) -> Telling:
    """What the page says of the order now."""
    if order.state is State.NOT_SENT and order.sent_at is None:
        return NEVER_TAKEN
    return SAID.get((order.kind, order.state)) or SAID_OF_ANY[order.state]


NEVER_TAKEN = Telling(
    "Not sent",
    "Meterdesk did not come to send it within a minute, so it was not sent at all. Nothing was done. "
    "Try again.",
    "cloud-off",
    "failed",
)
SAID_OF_ANY = {
    State.CREATED: Telling("Sending…", "It is recorded and goes out now.", "send", "pending"),
    State.SENDING: Telling(
        "Sending…", "The meter server has been asked; its answer is awaited.", "send", "pending"
    ),
    State.NOT_SENT: Telling(
        "Not sent",
        "The meter server could not be reached. Nothing was done. Try again.",
        "cloud-off",
        "failed",
    ),
    State.ACCEPTED: Telling(
        "Accepted, not yet done",
        "The meter server took it. We read the meter back until it says so itself.",
        "hourglass",
        "pending",
    ),
    State.WAITING: Telling(
        "Waiting", "The meter server took it and will do it. We keep asking.", "hourglass", "pending"
    ),
    State.DONE: Telling("Done", "", "circle-check", "done"),
    State.REFUSED: Telling("Refused by the meter server", "Nothing was done.", "ban", "failed"),
    State.UNKNOWN: Telling(
        "We don't know yet",
        "The meter server may have taken it. We read the meter until it says.",
        "help-hexagon",
        "unknown",
    ),
    State.REVIEW: Telling("A person must look", "", "help-hexagon", "unknown"),
    State.MISMATCH: Telling(
        "It did not take",
        "The meter server was asked, but the meter does not say that it happened. "
        "Try again, or look at the meter.",
        "arrows-diff",
        "failed",
    ),
    State.CANCELLED: Telling("Settled by hand", "", "x", "failed"),
    State.DISPUTED: Telling(
        "Disputed",
        "A person settled it one way, and then the meter server said the other. A person must look.",
        "help-hexagon",
        "unknown",
    ),
}
SAID = {
    (Kind.RECHARGE, State.NOT_SENT): Telling(
        "Not sent",
        "The meter server could not be reached. Nothing was charged. Try again.",
        "cloud-off",
        "failed",
    ),
    (Kind.RECHARGE, State.REFUSED): Telling(
        "Refused by the meter server", "Nothing was charged.", "ban", "failed"
    ),
    (Kind.RECHARGE, State.UNKNOWN): Telling(
        "We don't know yet",
        "The meter server took the request and did not answer as it should. It may have been credited. "
        "Do not pay again; we keep looking and will tell you.",
        "help-hexagon",
        "unknown",
    ),
    (Kind.RECHARGE, State.REVIEW): Telling(
        "A person must look",
        "The meter server did not confirm it, nor say that it failed. It may have been credited. "
        "Do not pay again.",
        "help-hexagon",
        "unknown",
    ),
    (Kind.RECHARGE, State.WAITING): Telling(
        "Waiting to be credited",
        "The meter server has it in its queue. Do not pay again; we keep asking.",
        "hourglass",
        "pending",
    ),
    (Kind.RECHARGE, State.CANCELLED): Telling(
        "Not credited", "A manager found that it did not arrive. It can be recharged again.", "x", "failed"
    ),
    (Kind.CUT, State.DONE): Telling("Supply is off", "Read back from the meter.", "circle-check", "done"),
    (Kind.RESTORE, State.DONE): Telling("Supply is on", "Read back from the meter.", "circle-check", "done"),
    (Kind.LOAD, State.DONE): Telling(
        "Load set, the server says", "No operation reads it back from the meter.", "circle-check", "done"
    ),
    (Kind.LOAD, State.UNKNOWN): Telling(
        "We don't know whether the load is set",
        "The meter server may have taken it, and nothing reads it back. Setting it again is harmless.",
        "help-hexagon",
        "unknown",
    ),
}


def what(order: Order) -> str:
    """The order in words: “Recharge ₹500.00”."""
    if order.kind is Kind.RECHARGE:
        return f"Recharge {money(order.amount_paise)}"
    if order.kind is Kind.LOAD:
        return f"Set load: grid {power(order.load_grid_w)} kW, generator {power(order.load_dg_w)} kW"
    return order.what.verb


def sentence(order: Order) -> tuple[str, str]:
    """For the desk's list: the head that is bold, and the rest."""
    name = order.unit.unit_no
    if order.kind is Kind.RECHARGE and order.state is State.UNKNOWN:
        head = f"Recharge of {money(order.amount_paise)} to {name}: we don't know yet whether it arrived."
        return head, "Do not pay again; we keep looking."
    if order.kind is Kind.RECHARGE:
        return f"Recharge of {money(order.amount_paise)} to {name}: a person must look.", "Do not pay again."
    return f"{order.what.verb} of {name}: we don't know yet whether it happened.", "We keep looking."
