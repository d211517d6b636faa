"""Operation 5: the meters that were replaced between two days."""

from collections.abc import Mapping

from webapp.contract.deviations import Deviations
from webapp.contract.envelope import Envelope
from webapp.contract.reading import losses, objects
from webapp.contract.replies import MeterChange, MeterChanges
from webapp.contract.rows import Row, SiteTimes


def meter_changes(envelope: Envelope, spellings: Mapping[str, str], times: SiteTimes) -> MeterChanges:
    """Clause 5: the rows that name a meter. Raises Unreadable."""
    noted = envelope.noted
    found = objects("meter_changes", envelope, is_list=True)
    rows = [_change(Row(one, spellings, times), noted) for one in found if isinstance(one, dict)]
    named = [row for row in rows if row.old_meter_no or row.new_meter_no]
    noted.losses = losses(envelope.count, len(found), len(found) - len(named))
    return MeterChanges(named, envelope.words, noted.losses, noted.sentences(len(found)))


def _change(row: Row, noted: Deviations) -> MeterChange:
    change = MeterChange(
        unit_no=row.text("unit_no"),
        old_meter_no=row.text("old_meter_no"),
        old_start_dg_wh=row.energy("old_start_dg", "old_start_dg"),
        old_end_dg_wh=row.energy("old_end_dg", "old_end_dg"),
        old_start_grid_wh=row.energy("old_start_grid", "old_start_grid"),
        old_end_grid_wh=row.energy("old_end_grid", "old_end_grid"),
        new_meter_no=row.text("new_meter_no"),
        new_start_dg_wh=row.energy("new_start_dg", "new_start_dg"),
        new_start_grid_wh=row.energy("new_start_grid", "new_start_grid"),
        meter_change_date=row.day("meter_change_date"),
        reading_start_date=row.day("reading_start_date"),
        doubts=row.doubts,
    )
    noted.of_a_row(row.deviations)
    return change
