"""Use by hour and day, accounted as readings land: a few set-based statements, however many the meters.

Each meter has, for each register, an accounted point: what the register showed at the beginning of
an hour, up to which its use is told apart in ``usage_hour`` and ``usage_day``. A reading in a later
hour moves the point to the beginning of that hour. What was read twice moves nothing, so it may come
twice; what was doubted was not taken, so the difference lands when the register is believed again.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from webapp.columns import time_from_text, time_text
from webapp.meters.usage_rules import ESTIMATED_FROM, Span, days, hour_start, hours

REGISTERS = ("grid", "dg")
_LONGEST_S = 26 * 3600  # no span is longer: a day of 25 hours, and some

# A piece: what a register showed at the beginning and at the end of a stretch of time.
MAKE = (
    """CREATE TEMP TABLE IF NOT EXISTS piece (
           meter_id INTEGER, from_s INTEGER, from_wh INTEGER, to_s INTEGER, to_wh INTEGER,
           is_estimated INTEGER
       )""",
    "CREATE TEMP TABLE IF NOT EXISTS span (start_s INTEGER PRIMARY KEY, end_s INTEGER, name TEXT)",
)
BEGIN = """
UPDATE meter SET used_{r}_wh={r}_wh, used_{r}_at={r}_at
WHERE server_id=? AND retired_at IS NULL AND used_{r}_at IS NULL AND {r}_at IS NOT NULL AND {r}_wh IS NOT NULL
"""
# The beginning of the hour in which the register was read, in seconds. The present one's (?3) tells at
# which minute the society's hours begin, and a clock that runs ahead of ours gets no further than that.
_CUT = "min(?3, unixepoch({r}_at) - (unixepoch({r}_at) - ?3 % 3600) % 3600)"
# Some servers give every reading late, so each meter has its own hour; the first condition is for
# the polls of the rest of the hour, in which nearly no meter needs a second look.
DUE = f"""server_id=?1 AND retired_at IS NULL AND used_{{r}}_at < ?2 AND unixepoch(used_{{r}}_at) < {_CUT}
  AND {{r}}_wh >= used_{{r}}_wh"""
OLDEST = f"SELECT min(used_{{r}}_at) FROM meter WHERE {DUE}"  # noqa: S608 - our own words
# From the point to the last reading before the hour began, and from there to the hour's beginning.
PIECES = f"""
WITH due AS (
  SELECT m.id, unixepoch(m.used_{{r}}_at) AS used_s, m.used_{{r}}_wh AS used_wh, m.cut_s,
         coalesce(unixepoch(r.read_at), unixepoch(m.used_{{r}}_at)) AS last_s,
         coalesce(r.{{r}}_wh, m.used_{{r}}_wh) AS last_wh, unixepoch(m.{{r}}_at) AS now_s,
         m.{{r}}_wh AS now_wh
  FROM (SELECT *, {_CUT} AS cut_s FROM meter WHERE {DUE}) m
  LEFT JOIN reading r ON r.meter_id = m.id AND r.read_at = (
    SELECT max(x.read_at) FROM reading x WHERE x.meter_id = m.id
      AND x.read_at <= datetime(m.cut_s, 'unixepoch') || '.000000'
      AND x.read_at > m.used_{{r}}_at AND x.{{r}}_wh BETWEEN m.used_{{r}}_wh AND m.{{r}}_wh)
)
INSERT INTO piece
SELECT id, used_s, used_wh, last_s, last_wh, last_s - used_s > {int(ESTIMATED_FROM.total_seconds())}
FROM due WHERE last_s > used_s
UNION ALL
SELECT id, last_s, last_wh, cut_s,
       last_wh + (now_wh - last_wh) * (cut_s - last_s) / max(now_s - last_s, 1),
       now_s - last_s > {int(ESTIMATED_FROM.total_seconds())}
FROM due
"""  # noqa: S608 - our own words
_ENDS = "(SELECT meter_id, max(to_s) AS to_s, max(to_wh) AS to_wh FROM piece GROUP BY meter_id)"
MOVE = f"""
UPDATE meter SET used_{{r}}_at=datetime(e.to_s, 'unixepoch') || '.000000', used_{{r}}_wh=e.to_wh
FROM {_ENDS} e WHERE e.meter_id = meter.id
"""  # noqa: S608 - our own words
# How much of a piece lies in a span, in whole Wh that add up to the piece's.
_SHARE = """
(p.to_wh - p.from_wh) * (min(s.end_s, p.to_s) - p.from_s) / max(p.to_s - p.from_s, 1)
- (p.to_wh - p.from_wh) * (max(s.start_s, p.from_s) - p.from_s) / max(p.to_s - p.from_s, 1)
"""
_PARTS = f"""
FROM piece p JOIN span s
  ON s.start_s > p.from_s - {_LONGEST_S} AND s.start_s < p.to_s AND s.end_s > p.from_s
"""
HOURS = f"""
INSERT INTO usage_hour (meter_id, hour_at, {{r}}_wh, is_estimated)
SELECT p.meter_id, s.name, sum({_SHARE}), max(p.is_estimated) {_PARTS} WHERE true GROUP BY p.meter_id, s.name
ON CONFLICT (meter_id, hour_at) DO UPDATE SET {{r}}_wh = coalesce({{r}}_wh, 0) + excluded.{{r}}_wh,
  is_estimated = max(is_estimated, excluded.is_estimated)
"""
DAYS = f"""
INSERT INTO usage_day (meter_id, day, {{r}}_wh, is_estimated)
SELECT p.meter_id, s.name, sum({_SHARE}), max(p.is_estimated) {_PARTS} WHERE true GROUP BY p.meter_id, s.name
ON CONFLICT (meter_id, day) DO UPDATE SET {{r}}_wh = coalesce({{r}}_wh, 0) + excluded.{{r}}_wh,
  is_estimated = max(is_estimated, excluded.is_estimated)
"""
SOCIETY_DAYS = f"""
INSERT INTO society_day (society_id, day, {{r}}_wh)
SELECT ?, s.name, sum({_SHARE}) {_PARTS} WHERE true GROUP BY s.name
ON CONFLICT (society_id, day) DO UPDATE SET {{r}}_wh = coalesce({{r}}_wh, 0) + excluded.{{r}}_wh
"""
# With the days in ``span``: a day's balance is the one that was read with what ended its last piece.
BALANCES = f"""
UPDATE usage_day SET balance_paise=m.balance_paise
FROM {_ENDS} e JOIN meter m ON m.id = e.meter_id JOIN span s ON s.start_s < e.to_s AND s.end_s >= e.to_s
WHERE usage_day.meter_id = e.meter_id AND usage_day.day = s.name AND m.balance_at >= m.{{r}}_at
"""  # noqa: S608 - our own words


def account(driver: Any, server_id: int, society_id: int, zone: ZoneInfo, now: datetime) -> None:
    """Tell apart what this server's meters used up to the beginning of this hour; commits nothing.

    Costs two looks at the server's meters where none of them came into another hour.
    """
    cut = hour_start(now, zone)
    known = (server_id, time_text(cut), int(cut.timestamp()))
    for register in REGISTERS:
        driver.execute(BEGIN.format(r=register), (server_id,))
        (oldest,) = driver.execute(OLDEST.format(r=register), known).fetchone()
        if oldest is None:
            continue
        clear(driver)
        driver.execute(PIECES.format(r=register), known)
        share(driver, register, society_id, time_from_text(oldest), cut, zone)
        driver.execute(BALANCES.format(r=register))
        driver.execute(MOVE.format(r=register))


def share(
    driver: Any,
    register: str,
    society_id: int,
    first: datetime,
    last: datetime,
    zone: ZoneInfo,
    every_hour: bool = False,
) -> None:
    """Add the pieces of one register to the hours, the days and the society's days they lie in."""
    told = hours(first, last, zone, None) if every_hour else hours(first, last, zone)
    _put(driver, ((span, time_text(span.start)) for span in told))
    driver.execute(HOURS.format(r=register))
    _put(driver, ((span, span.day.isoformat()) for span in days(first, last, zone)))
    driver.execute(DAYS.format(r=register))
    driver.execute(SOCIETY_DAYS.format(r=register), (society_id,))


def add_piece(
    driver: Any,
    meter_id: int,
    register: str,
    society_id: int,
    zone: ZoneInfo,
    start: tuple[datetime, int],
    end: tuple[datetime, int],
) -> None:
    """Account what one register rose by between two moments; the accounted point is the caller's."""
    clear(driver)
    (from_at, from_wh), (to_at, to_wh) = start, end
    to_at = max(to_at, from_at + timedelta(seconds=1))  # what rose in no time still lies in an hour
    estimated = to_at - from_at > ESTIMATED_FROM
    piece = (meter_id, int(from_at.timestamp()), from_wh, int(to_at.timestamp()), to_wh, estimated)
    driver.execute("INSERT INTO piece VALUES (?, ?, ?, ?, ?, ?)", piece)
    share(driver, register, society_id, from_at, to_at, zone)


def clear(driver: Any) -> None:
    """No pieces are in hand."""
    for statement in (*MAKE, "DELETE FROM piece"):
        driver.execute(statement)


def _put(driver: Any, spans: Iterable[tuple[Span, str]]) -> None:
    driver.execute("DELETE FROM span")
    rows = [(int(span.start.timestamp()), int(span.end.timestamp()), name) for span, name in spans]
    driver.executemany("INSERT INTO span VALUES (?, ?, ?)", rows)
