"""Importing a list of units and residents: hand it in, look at what it would do, say so."""

import io
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from openpyxl import Workbook
from werkzeug.wrappers import Response as AnyResponse

from webapp.columns import LARGEST_ID
from webapp.desk import importing
from webapp.desk.importing import WorldChangedError
from webapp.extensions import db, reading
from webapp.meters import xlsx
from webapp.people.gate import Visit, society_page
from webapp.people.lists import rows, sheets
from webapp.people.models import REGISTRARS
from webapp.people.papers import Upload
from webapp.people.rules import NotSoError
from webapp.people.sentences import said

pages = Blueprint("imports", __name__)
IMPORT = "/s/<society>/people/import"
UPLOAD = f"{IMPORT}/<int(max={LARGEST_ID}):upload_id>"
HEADER = ("unit", "name", "phone", "email", "from", "until")
KINDS = ("problem", "new", "change", "same")
A_PAGE = 200
FORM_AT_MOST = sheets.BYTES_AT_MOST + 64 * 1024
Answer = AnyResponse | str | tuple[str, int]


@pages.url_value_preprocessor
def _larger(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before the form is first read, for its token; every other form of ours is small."""
    if endpoint == "imports.upload":
        request.max_content_length = FORM_AT_MOST


@pages.get(IMPORT)
@society_page(*REGISTRARS)
def new(visit: Visit) -> str:
    return render_template("people/import_new.html", visit=visit)


@pages.post(IMPORT)
@society_page(*REGISTRARS)
def upload(visit: Visit) -> Answer:
    """Read it and keep it for the preview; nothing else is done."""
    file = request.files.get("file")
    try:
        understood = rows.understood(sheets.read(file.read(sheets.BYTES_AT_MOST + 1) if file else b""))
    except NotSoError as error:
        return render_template("people/import_new.html", problem=said(error), visit=visit), 422
    is_complete = request.form.get("complete") == "yes"
    name = file.filename if file else ""
    kept = importing.keep(visit.society, understood, name or "", is_complete, visit.user)
    db.session.commit()
    return redirect(_address(visit, kept.id), 303)


def _address(visit: Visit, upload_id: int) -> str:
    return url_for("imports.preview", society=visit.society.slug, upload_id=upload_id)


@pages.get(UPLOAD)
@society_page(*REGISTRARS)
def preview(visit: Visit, upload_id: int) -> str:
    return _preview(visit, _upload(visit, upload_id))


def _upload(visit: Visit, upload_id: int) -> Upload:
    found = db.session.get(Upload, upload_id)
    if found is None or found.society_id != visit.society.id:
        abort(404)
    return found


def _preview(visit: Visit, kept: Upload, **more: Any) -> str:
    plan = importing.planned(kept, visit.society, visit.now)
    show, after = request.args.get("show", ""), request.args.get("after", "0")
    steps = [step for step in plan.steps if show not in KINDS or step.kind == show]
    start = int(after) if after.isdecimal() and len(after) < 6 else 0
    return render_template(
        "people/import_preview.html",
        upload=kept,
        plan=plan,
        show=show,
        steps=steps[start : start + A_PAGE],
        after=start + A_PAGE if len(steps) > start + A_PAGE else None,
        said=said,
        visit=visit,
        **more,
    )


@pages.post(UPLOAD)
@society_page(*REGISTRARS)
def carry_out(visit: Visit, upload_id: int) -> Answer:
    kept = _upload(visit, upload_id)
    if kept.done_at is None:
        try:
            importing.carry_out(kept, visit.society, request.form.get("plan", ""), visit.user)
            db.session.commit()
        except WorldChangedError:
            db.session.rollback()
            with reading():
                return _preview(visit, _upload(visit, upload_id), has_changed=True), 409
    return redirect(_address(visit, upload_id), 303)


@pages.get(f"{IMPORT}/template.<any(csv, xlsx):kind>")
@society_page(*REGISTRARS)
def template(visit: Visit, kind: str) -> Response:
    """An empty list with its header."""
    content = ",".join(HEADER) + "\r\n" if kind == "csv" else _workbook()
    answer = Response(content, mimetype="text/csv" if kind == "csv" else xlsx.MIMETYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{visit.society.slug}-people.{kind}"'
    return answer


def _workbook() -> bytes:
    """Its columns are text, so that a spreadsheet rounds no phone and makes no day of a unit."""
    book, content = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    for column in "ABCDEF":
        sheet.column_dimensions[column].number_format = "@"
        sheet.column_dimensions[column].width = 22
    book.save(content)
    return content.getvalue()
