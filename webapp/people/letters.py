"""Letters to people: said here, carried by whoever above can (``alerts``). Never kept: some hold a way in."""

from blinker import Signal

posted = Signal("a letter, after the commit: to, subject, body")
moved = Signal("in the transaction: society_id, user_ids of whose homes or role changed, now")


def post(to: str, subject: str, body: str) -> None:
    posted.send(None, to=to, subject=subject, body=body)
