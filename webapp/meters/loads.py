"""The load limits of a meter, which no operation reads back: what is known is what we set."""

from datetime import datetime

from sqlalchemy import or_, update

from webapp.extensions import db
from webapp.meters.models import Meter


def keep_load(meter_id: int, grid_w: int, dg_w: int, sent_at: datetime, set_at: datetime) -> None:
    """Keep a load that the meter server says is set (contract, operation 9); commits nothing.

    An answer that comes late does not hide a load that was set after its own command was sent.
    """
    db.session.execute(
        update(Meter)
        .where(Meter.id == meter_id, or_(Meter.load_set_at.is_(None), Meter.load_set_at <= sent_at))
        .values(load_grid_w=grid_w, load_dg_w=dg_w, load_set_at=set_at)
    )
