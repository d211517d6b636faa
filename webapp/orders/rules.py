"""What becomes of an order. Pure: what the meter server said in, the next state out."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from webapp.contract.errors import MeterServerError, NotSent, Refused, Unanswered
from webapp.contract.replies import LoadUpdated, MeterStatus, Recharge, RechargeStatus, Supply, Switched
from webapp.quantities import PAISE_PLACES, NotAQuantity, typed_by_a_person
from webapp.sentences import N_, Sentence


class Kind(StrEnum):
    RECHARGE = "recharge"
    CUT = "cut"
    RESTORE = "restore"
    LOAD = "load"


class State(StrEnum):
    """Stable in code and JSON (scripts rely on them)."""

    CREATED = "created"
    SENDING = "sending"
    NOT_SENT = "not_sent"
    ACCEPTED = "accepted"
    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    REVIEW = "review"
    MISMATCH = "mismatch"
    CANCELLED = "cancelled"
    DISPUTED = "disputed"


@dataclass(frozen=True)
class OrderKind:
    """What the four kinds differ in."""

    kind: Kind
    verb: Sentence
    done_to: str  # the template of a button
    operation: str  # of the contract
    lane: str  # one open order in each lane of a meter
    wants: Supply | None = None

    def to(self, unit: str) -> Sentence:
        """What it does, and to whom: “Cut supply to A-101”."""
        return Sentence(self.done_to, unit=unit)


KINDS = {
    row.kind: row
    for row in (
        OrderKind(Kind.RECHARGE, Sentence("Recharge"), N_("Recharge %(unit)s"), "recharge", "recharge"),
        OrderKind(
            Kind.CUT,
            Sentence("Cut supply"),
            N_("Cut supply to %(unit)s"),
            "stop_meter",
            "switching",
            Supply.OFF,
        ),
        OrderKind(
            Kind.RESTORE,
            Sentence("Restore supply"),
            N_("Restore supply to %(unit)s"),
            "start_meter",
            "switching",
            Supply.ON,
        ),
        OrderKind(Kind.LOAD, Sentence("Set load"), N_("Set load of %(unit)s"), "update_load", "load"),
    )
}

ENDS = frozenset({State.NOT_SENT, State.DONE, State.REFUSED, State.MISMATCH, State.CANCELLED, State.DISPUTED})
NEVER_CHARGED = frozenset({State.NOT_SENT, State.REFUSED, State.CANCELLED})  # a recharge, for sure
SETTLED_BY_HAND = frozenset({State.UNKNOWN, State.REVIEW, State.DISPUTED})  # recharges only
SEND_WITHIN_S = 60  # an order nobody took by then is not sent any more
CLOCKS_DIFFER_S = 10  # an order from further ahead was recorded by a clock that was wrong
SWITCH_LOOKS_S = (0.3, 1, 2, 4, 8, 15, 30, 60, 60, 60, 60)  # waits between read-backs: five minutes
WAITING_LOOKS_S = (1, 2, 5, 10, 20, 30, 60)  # the last is repeated until the company's own limit
SUPPLY = {Supply.ON: Sentence("on"), Supply.OFF: Sentence("off"), Supply.UNKNOWN: Sentence("unknown")}
UNKNOWN_LOOKS_S = (2, 30, 120, 600)  # readings taken as evidence for the manager
LONGEST_LOOK_S = max(*SWITCH_LOOKS_S, *WAITING_LOOKS_S, *UNKNOWN_LOOKS_S)  # a later one is a clock's mistake


@dataclass(frozen=True)
class Move:
    """A step to take: the state, why, the server's words, what else is now known, when to look."""

    state: State
    note: str
    words: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    look_in_s: float | None = None

    def closes(self, kind: Kind) -> bool:
        """An unknown load is over: setting it again is harmless. An unknown recharge never is."""
        return self.state in ENDS or (self.state is State.UNKNOWN and kind is Kind.LOAD)


def after_failure(kind: Kind, error: MeterServerError) -> Move:
    """The command failed, in one of the four ways. In doubt it is unknown, never "failed"."""
    if isinstance(error, NotSent):
        return Move(State.NOT_SENT, str(error))
    if isinstance(error, Refused):
        return Move(State.REFUSED, Sentence("The meter server refused."), error.words)
    facts = _evidence_of(error) if isinstance(error, Unanswered) else {}
    return Move(State.UNKNOWN, str(error), error.words, facts, look_in_s=first_look(kind))


def _evidence_of(error: Unanswered) -> dict[str, Any]:
    return {"transaction_id": error.transaction_id or None, "token": error.token or None}


def after_doubted_refusal(
    meter_no: str, refusal: Unanswered, answer: RechargeStatus | MeterServerError
) -> Move:
    """Return what becomes of a recharge whose “no” carried a transaction, once that was asked about.

    Contract, operation 4 and reading 2: it settles nothing but what it says is credited or queued.
    """
    facts = {"transaction_id": refusal.transaction_id or None, "token": refusal.token or None}
    note = Sentence(
        "The meter server refused it and yet named a transaction; asked about it, it did not confirm it."
    )
    if isinstance(answer, RechargeStatus) and not _other_transaction(
        meter_no, refusal.transaction_id, answer
    ):
        if not answer.pending:
            note = Sentence("The meter server refused it, but says of its transaction that it is credited.")
            return Move(State.DONE, note, refusal.words, facts)
        note = Sentence("The meter server refused it, but says of its transaction that it waits.")
        return Move(State.WAITING, note, refusal.words, facts, look_in_s=WAITING_LOOKS_S[0])
    return Move(State.UNKNOWN, note, refusal.words, facts, look_in_s=UNKNOWN_LOOKS_S[0])


def after_replacement(kind: Kind, state: State) -> Move | None:
    """The order is open and its meter was taken away. None where its sender, or a person, is at it.

    What was not sent is not sent to a meter that is gone; what may have arrived is for a person to find out.
    """
    if state is State.CREATED:
        return Move(
            State.NOT_SENT, Sentence("The meter was replaced before it was sent, so it was not sent.")
        )
    if state in (State.SENDING, State.REVIEW):
        return None
    if kind is Kind.RECHARGE:
        note = Sentence("The meter was replaced before it was known whether the recharge arrived.")
        return Move(State.REVIEW, note)
    note = Sentence("The meter was replaced before it could be confirmed. Look at the new one.")
    return Move(State.MISMATCH, note)


def first_look(kind: Kind) -> float | None:
    """How soon an order that became unknown is looked into; None where nothing can be asked."""
    if KINDS[kind].lane == "switching":
        return SWITCH_LOOKS_S[0]
    return UNKNOWN_LOOKS_S[0] if kind is Kind.RECHARGE else None


def after_recharge(meter_no: str, amount_paise: int, reply: Recharge, is_final: bool) -> Move:
    """Contract, operation 3, readings 2 and 8."""
    other = _other_meter(meter_no, reply.meter_no) or _illegible_meter(reply)
    if other:
        # Its number, token and balance are another home's: nothing of them is kept.
        return Move(State.UNKNOWN, other, reply.words, look_in_s=UNKNOWN_LOOKS_S[0])
    facts: dict[str, Any] = {"transaction_id": reply.transaction_id, "token": reply.token}
    wrong = _other_amount(amount_paise, reply)
    if wrong:
        return Move(State.UNKNOWN, wrong, reply.words, facts, look_in_s=UNKNOWN_LOOKS_S[0])
    if is_final and not reply.pending:
        # While it waits, the balance in the reply is still the one before.
        facts["balance_after_paise"] = reply.balance_paise
        return Move(State.DONE, Sentence("The meter server says it is credited."), reply.words, facts)
    if not reply.transaction_id:
        note = Sentence("The meter server took it but gave no transaction number to ask about.")
        return Move(State.UNKNOWN, note, reply.words, facts, look_in_s=UNKNOWN_LOOKS_S[0])
    note = Sentence("The meter server took it and will credit it.")
    return Move(State.WAITING, note, reply.words, facts, look_in_s=WAITING_LOOKS_S[0])


def _other_meter(asked: str, said: str | None) -> Sentence | None:
    return (
        Sentence("The reply was about another meter, %(meter)s.", meter=said)
        if said and said != asked
        else None
    )


def _illegible_meter(reply: Recharge) -> Sentence | None:
    illegible = any(doubt.field == "meter_no" for doubt in reply.doubts)
    return Sentence("The meter number in the reply could not be read.") if illegible else None


def _other_amount(asked: int, reply: Recharge) -> Sentence | None:
    if any(doubt.field in ("amount", "amount_paise") for doubt in reply.doubts):
        return Sentence("The amount in the reply could not be read.")
    if reply.amount_paise is not None and reply.amount_paise != asked:
        return Sentence("The reply was about another amount.")
    return None


def after_recharge_status(
    meter_no: str,
    transaction_id: str,
    answer: RechargeStatus | MeterServerError,
    looks: int,
    is_late: bool,
) -> Move:
    """Contract, operation 4: an error there is no proof that nothing was credited (it also says
    "no such record"), so a person looks."""
    if isinstance(answer, Refused):
        return Move(
            State.REVIEW, Sentence("Asked about it, the meter server did not confirm it."), answer.words
        )
    if isinstance(answer, RechargeStatus) and not answer.pending:
        other = _other_transaction(meter_no, transaction_id, answer)
        if other:
            return Move(State.REVIEW, other, answer.words)
        return Move(State.DONE, Sentence("The meter server says it is credited."), answer.words)
    if is_late:
        note = Sentence(
            "The meter server has not said that it is credited within the time this company takes."
        )
        return Move(State.REVIEW, note, answer.words)
    note = Sentence("Still in the meter server's queue.")
    if isinstance(answer, MeterServerError):
        note = Sentence("Asked about it: %(answer)s", answer=str(answer))
    wait = WAITING_LOOKS_S[min(looks, len(WAITING_LOOKS_S) - 1)]
    return Move(State.WAITING, note, answer.words, look_in_s=wait)


def _other_transaction(meter_no: str, asked: str | None, answer: RechargeStatus) -> Sentence | None:
    other = _other_meter(meter_no, answer.meter_no)
    if not other and answer.transaction_id not in (None, asked):
        other = Sentence("The meter server answered about another transaction.")
    return other


def same_number(one: str, other: str) -> bool:
    """Return whether two spellings name one meter: noughts before digits and case are not compared.

    Contract, reading 19: true only where the site has no second meter that is spelled like it.
    """
    return _bare(one) == _bare(other)


def _bare(number: str) -> str:
    return number.lstrip("0") if number.isascii() and number.isdecimal() else number.casefold()


def after_switching(meter_no: str, reply: Switched) -> Move:
    """Contract, operations 6 and 7, reading 10: accepted is not done."""
    wrong = _other_meter(meter_no, reply.meter_no)
    if wrong:
        return Move(State.UNKNOWN, wrong, reply.words, look_in_s=SWITCH_LOOKS_S[0])
    note = Sentence("The meter server accepted it; the meter is being read back.")
    return Move(State.ACCEPTED, note, reply.words, look_in_s=SWITCH_LOOKS_S[0])


def after_refused_switching(
    wants: Supply, refused: Refused, meter_no: str, answer: MeterStatus | MeterServerError
) -> Move:
    """Contract, reading 9: "already STARTED" refuses what already holds. Operation 8 knows."""
    supply = _supply_of(meter_no, answer)
    if supply is wants:
        was = Sentence("Supply was already %(supply)s; read back from the meter.", supply=SUPPLY[wants])
        return Move(State.DONE, was, refused.words)
    if supply is None and "already" in refused.words.casefold():
        note = Sentence("The meter server says it already was so; the meter could not be read back yet.")
        return Move(State.UNKNOWN, note, refused.words, look_in_s=SWITCH_LOOKS_S[1])
    return Move(State.REFUSED, Sentence("The meter server refused."), refused.words)


def after_read_back(
    state: State, wants: Supply, meter_no: str, answer: MeterStatus | MeterServerError, looks: int
) -> Move:
    """Contract, operation 8: the only evidence that a cut or a restore is done."""
    supply = _supply_of(meter_no, answer)
    if supply is wants:
        done = Sentence("Supply is %(supply)s, read back from the meter.", supply=SUPPLY[wants])
        return Move(State.DONE, done)
    said = Sentence("the meter could not be read back")
    if supply:
        said = Sentence("the meter says %(supply)s", supply=SUPPLY[supply])
    if looks >= len(SWITCH_LOOKS_S):
        return Move(State.MISMATCH, Sentence("After five minutes %(said)s.", said=said), answer.words)
    note = Sentence("Read back: %(said)s.", said=said)
    return Move(state, note, answer.words, look_in_s=SWITCH_LOOKS_S[looks])


def _supply_of(meter_no: str, answer: MeterStatus | MeterServerError) -> Supply | None:
    if isinstance(answer, MeterServerError) or _other_meter(meter_no, answer.meter_no):
        return None
    return answer.supply if answer.supply is not Supply.UNKNOWN else None


def after_load(meter_no: str, reply: LoadUpdated) -> Move:
    """Contract, operation 9, reading 10: no operation reads a load back."""
    wrong = _other_meter(meter_no, reply.meter_no)
    if wrong:
        return Move(State.UNKNOWN, wrong, reply.words)
    if reply.pending:
        return Move(
            State.UNKNOWN,
            Sentence("The meter server queued it, and nothing tells when it is set."),
            reply.words,
        )
    return Move(
        State.DONE, Sentence("The meter server says the load is set; no meter reads it back."), reply.words
    )


def after_late_reply(kind: Kind, state: State, late: Move) -> Move:
    """A reply to an order that was settled without it. Where a person settled a recharge and the
    meter server says otherwise, money hangs on it, and neither is right by itself."""
    note = Sentence("A late reply: %(note)s", note=late.note)
    taken = late.state in (State.DONE, State.WAITING, State.REVIEW)
    not_taken = late.state in (State.REFUSED, State.NOT_SENT)
    contradicts = (state is State.CANCELLED and taken) or (state is State.DONE and not_taken)
    if kind is Kind.RECHARGE and contradicts:
        return Move(State.DISPUTED, note, late.words, late.facts)
    return Move(state, note, late.words)


class NotAllowedError(ValueError):
    """What a person typed cannot be ordered; ``str()`` says why."""


def amount_of(typed: str, smallest_paise: int, largest_paise: int) -> int:
    """The paise a person asked for. Raises NotAllowedError."""
    if not typed.strip():
        raise NotAllowedError(Sentence("Enter an amount."))
    try:
        paise = typed_by_a_person(typed, PAISE_PLACES)
    except NotAQuantity as error:
        said = Sentence("“%(typed)s” is not an amount. %(why)s", typed=typed.strip()[:30], why=str(error))
        raise NotAllowedError(said) from error
    if paise <= 0:
        raise NotAllowedError(Sentence("The amount must be above zero."))
    if paise < smallest_paise:
        raise NotAllowedError(Sentence("The amount is below the smallest that this society allows."))
    if paise > largest_paise:
        raise NotAllowedError(Sentence("The amount is above the largest that this society allows."))
    return paise


LARGEST_LOAD_W = 1_000_000
LOADS = {"grid": Sentence("grid load"), "dg": Sentence("generator load")}


def load_of(typed: str, name: str) -> int:
    """Watts, from kilowatts as a person typed them; ``name``: of LOADS. Raises NotAllowedError."""
    what = LOADS[name]
    if not typed.strip():
        raise NotAllowedError(Sentence("Enter the %(what)s in kW.", what=what))
    try:
        watts = typed_by_a_person(typed, 3)
    except NotAQuantity as error:
        text, why = typed.strip()[:30], str(error)
        said = Sentence(
            "The %(what)s “%(typed)s” is not a number of kW. %(why)s", what=what, typed=text, why=why
        )
        raise NotAllowedError(said) from error
    if not 0 <= watts <= LARGEST_LOAD_W:
        raise NotAllowedError(Sentence("The %(what)s must be from 0 to 1,000 kW.", what=what))
    return watts
