"""News for open pages: rows, read by one thread in each process and handed to all its streams."""

import json
import queue
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from flask import Flask, current_app
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from webapp.alerts.models import News
from webapp.alerts.toasts import toast
from webapp.extensions import db, reading
from webapp.languages import LANGUAGES

LOOK_EVERY_S = 0.25  # other processes' rows are seen this late; our own at once
BACKLOG = 1000  # news that a returning page is given; beyond it, it is told to look afresh
FEW = 200  # so many ids travel by name


def tell(society_id: int, kind: str, now: datetime, **what: Any) -> None:
    """Write the news in the caller's transaction: it is heard when that commits."""
    db.session.add(News(society_id=society_id, kind=kind, what=what, at=now))
    db.session().info["news"] = True


@dataclass(frozen=True)
class Item:
    """A row of news as the streams pass it on; ``html``, by language, for what travels whole."""

    id: int
    society_id: int
    kind: str
    what: dict[str, Any]
    html: Mapping[str, str] = field(default_factory=dict)

    def frame(self, language: str = "en") -> bytes:
        """As server-sent events: html unnamed, so that it is swapped; the rest a named event."""
        block = f"id: {self.id}\nevent: {self.kind}\ndata: {json.dumps(self.what)}\n\n"
        if html := self.html.get(language):
            block = f"data: {' '.join(html.split())}\n\n{block}"
        return block.encode()


@dataclass(eq=False)
class Listener:
    """One open stream. A listener that cannot keep up is let go, and comes back by itself."""

    society_id: int
    user_id: int
    items: "queue.Queue[Item | None]" = field(default_factory=lambda: queue.Queue(maxsize=BACKLOG))
    is_ended: bool = False

    def put(self, item: Item) -> bool:
        try:
            self.items.put_nowait(item)
        except queue.Full:
            return False
        return True

    def end(self) -> None:
        """What still waits is not heard: whoever comes back is given it by its last id."""
        self.is_ended = True
        with suppress(queue.Full):  # where it is full, nobody waits for more
            self.items.put_nowait(None)


class Newsroom:
    """Reads new rows once for all streams of this process."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._wake = threading.Event()
        self._listeners: dict[Listener, None] = {}  # the oldest first
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.closing = threading.Event()
        self.last_id = 0

    def listen(self, society_id: int, user_id: int, at_most: int, each_at_most: int) -> Listener | None:
        """None where there are as many streams already as we can hold, or we are closing.

        A person's oldest gives way to their newest: it is most often of a page they left, whose
        browser's going is noticed only at the next heartbeat.
        """
        listener = Listener(society_id, user_id)
        with self._lock:
            theirs = [each for each in self._listeners if each.user_id == user_id]
            for oldest in theirs[: max(0, len(theirs) - each_at_most + 1)]:
                oldest.end()
                del self._listeners[oldest]
            if self.closing.is_set() or len(self._listeners) >= at_most:
                return None
            if self._thread is None:
                self.last_id = newest_id()
                self._thread = threading.Thread(target=self._read_on, name="newsroom", daemon=True)
                self._thread.start()
            self._listeners[listener] = None
        return listener

    def leave(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.pop(listener, None)

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    def wake(self) -> None:
        self._wake.set()

    def close(self) -> None:
        """End every stream: a server that stops must not wait for them."""
        self.closing.set()
        self._wake.set()
        with self._lock:
            for listener in self._listeners:
                listener.end()

    def _read_on(self) -> None:
        while not self.closing.is_set():
            self._wake.wait(LOOK_EVERY_S)
            self._wake.clear()
            try:
                with self._app.app_context(), reading():
                    self._hand_out(items_after(self.last_id))
            except Exception:
                self._app.logger.exception("reading the news failed; trying again")
                self.closing.wait(1)

    def _hand_out(self, items: list[Item]) -> None:
        for item in items:
            with self._lock:
                hearing = [each for each in self._listeners if each.society_id == item.society_id]
            for listener in hearing:
                if not listener.put(item):
                    listener.end()
                    self.leave(listener)
            self.last_id = item.id


def newest_id() -> int:
    """As the caller's transaction sees it: a page listens from the very moment it shows."""
    began_before = db.session().in_transaction()
    with reading():
        found = db.session.scalar(select(func.max(News.id))) or 0
        if not began_before:
            db.session.rollback()
    return found


def items_after(last_id: int) -> list[Item]:
    """News of all societies after that id, oldest first, at most BACKLOG; alerts rendered whole."""
    rows = select(News).where(News.id > last_id).order_by(News.id).limit(BACKLOG)
    return [_item(row) for row in db.session.scalars(rows)]


def missed(last_id: int, society_id: int) -> list[Item]:
    """What a page of this society missed since that id: every alert, whole. Where the rest is more
    than BACKLOG, one item for each kind of it says "many", and the page looks afresh."""
    since = select(News).where(News.id > last_id, News.society_id == society_id).order_by(News.id)
    rows = list(db.session.scalars(since.limit(BACKLOG + 1)))
    if len(rows) <= BACKLOG:
        return [_item(row) for row in rows]
    alerts = [_item(row) for row in db.session.scalars(since.where(News.kind == "alert"))]
    newest = select(News.kind, func.max(News.id)).where(
        News.id > last_id, News.society_id == society_id, News.kind != "alert"
    )
    many = [Item(id, society_id, kind, {}) for kind, id in db.session.execute(newest.group_by(News.kind))]
    return sorted([*alerts, *many], key=lambda item: item.id)


def _item(row: News) -> Item:
    html = {}
    if row.kind == "alert":
        try:
            html = {language: toast(row.what["id"], language) for language in LANGUAGES}
        except Exception:
            # One that cannot be shown must not keep the others from being heard.
            current_app.logger.exception("the toast of news %s failed", row.id)
    return Item(row.id, row.society_id, row.kind, row.what, html)


def newsroom() -> Newsroom:
    return cast(Newsroom, current_app.extensions["newsroom"])


def init_app(app: Flask) -> None:
    app.extensions["newsroom"] = Newsroom(app)


@event.listens_for(db.session, "after_commit")
def _heard(session: Session) -> None:
    if session.info.pop("news", False) and current_app:
        newsroom().wake()
