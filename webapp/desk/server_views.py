"""A society's meter servers, for managers and operators: how they do, tried, added, changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp.columns import LARGEST_ID
from webapp.contract.auth import KINDS
from webapp.contract.operations import OPERATIONS
from webapp.desk.server_forms import Known, SecretWantedError, shown, site_of, typed
from webapp.extensions import db
from webapp.generators import joining
from webapp.generators.models import Generator
from webapp.meters.models import Meter
from webapp.people.gate import Visit, society_page, wants_fragment
from webapp.people.models import REGISTRARS
from webapp.sentences import N_, Sentence
from webapp.societies import files, trials
from webapp.societies.files import ServerPart, SocietyFileError
from webapp.societies.models import MeterServer
from webapp.societies.tasks import try_server
from webapp.societies.trials import ServerChangedError, ServerTrial
from webapp.societies.verdicts import WHAT

pages = Blueprint("servers", __name__)
Answer = Response | str | tuple[str, int]
SERVERS = "/s/<society>/servers"
SERVER = f"{SERVERS}/<int(max={LARGEST_ID}):server_id>"
TRIAL = f"{SERVERS}/trials/<int(max={LARGEST_ID}):trial_id>"
TAKEN = N_("Two meter servers of a society cannot have the same name.")


@pages.get(SERVERS)
@society_page(*REGISTRARS)
def servers(visit: Visit) -> str:
    generators = {server.id: _dg_nos(server) for server in visit.society.meter_servers}
    return render_template("societies/servers.html", generators=generators, visit=visit)


@pages.route(f"{SERVERS}/new", methods=["GET", "POST"])
@society_page(*REGISTRARS)
def new(visit: Visit) -> Answer:
    """A server that is not there yet; ``?trial=`` takes a draft up again."""
    return _form(visit, None)


@pages.route(SERVER, methods=["GET", "POST"])
@society_page(*REGISTRARS)
def server(visit: Visit, server_id: int) -> Answer:
    return _form(visit, _server(visit, server_id))


@pages.post(f"{SERVER}/check")
@society_page(*REGISTRARS)
def check(visit: Visit, server_id: int) -> Response:
    """Try it as it stands; nothing changes."""
    found = _server(visit, server_id)
    dg_nos = _dg_nos(found)
    part = files.part_of(found, dg_nos)
    return _tried(visit, part, found.secret_sealed, found, dg_nos, is_check=True)


@pages.get(TRIAL)
@society_page(*REGISTRARS)
def trial(visit: Visit, trial_id: int) -> str:
    return _trial_page(visit, _trial(visit, trial_id))


@pages.post(TRIAL)
@society_page(*REGISTRARS)
def save(visit: Visit, trial_id: int) -> Answer:
    """The very draft that was tried becomes the server."""
    found = _trial(visit, trial_id)
    try:
        saved = trials.save(found, _dg_nos(found.server) if found.server else [])
    except ServerChangedError:
        return _not_saved(visit, trial_id, Sentence("Somebody saved or changed this server meanwhile."))
    except SocietyFileError:
        return _not_saved(visit, trial_id, Sentence(TAKEN))
    joining.join(saved, found.part.generators)
    db.session.commit()
    return redirect(url_for(".servers", society=visit.society.slug), 303)


def _not_saved(visit: Visit, trial_id: int, why: Sentence) -> tuple[str, int]:
    db.session.rollback()
    return _trial_page(visit, _trial(visit, trial_id), problem=why), 409


def _server(visit: Visit, server_id: int) -> MeterServer:
    found = next((each for each in visit.society.meter_servers if each.id == server_id), None)
    return found if found is not None else abort(404)


def _trial(visit: Visit, trial_id: int) -> ServerTrial:
    found = db.session.get(ServerTrial, trial_id)
    if found is None or found.society_id != visit.society.id:
        abort(404)
    return found


def _dg_nos(server: MeterServer) -> list[str]:
    rows = select(Generator.dg_no).filter_by(server_id=server.id).order_by(Generator.id)
    return list(db.session.scalars(rows))


def _form(visit: Visit, server: MeterServer | None) -> Answer:
    known = _known(visit, server)
    if request.method == "GET":
        return _shown(visit, server, known, shown(known.part) if known else FRESH)
    try:
        part, secret = typed(request.form, known)
        _refuse(visit, part, server)
    except SecretWantedError:
        return _shown(visit, server, known, request.form, problem=WANTED), 422
    except SocietyFileError as error:
        return _shown(visit, server, known, request.form, problem=error.args[0]), 422
    return _tried(visit, part, secret, server, _dg_nos(server) if server else [])


WANTED = Sentence("Enter the secret: it is kept for the address that it was entered for, and no other.")
FRESH = shown(ServerPart(name="main", base_url="https://", site_id=""))


def _known(visit: Visit, server: MeterServer | None) -> Known | None:
    """The draft that is taken up again, else the server as it stands."""
    asked = request.values.get("trial", "")
    draft = db.session.get(ServerTrial, int(asked)) if asked.isdecimal() and len(asked) < 16 else None
    at = server.id if server else None
    if draft is not None and draft.society_id == visit.society.id and draft.server_id == at:
        return Known(draft.part, draft.secret_sealed)
    return Known(files.part_of(server, _dg_nos(server)), server.secret_sealed) if server else None


def _refuse(visit: Visit, part: ServerPart, server: MeterServer | None) -> None:
    """Raises SocietyFileError for what a file may say and a page may not."""
    if _is_taken(visit, part.name, server):
        raise SocietyFileError(Sentence(TAKEN))
    if server and server.site_id != part.site_id and _has_meters(server):
        raise SocietyFileError(
            Sentence("Its meters are of site %(site)s, and stay so. Add another server.", site=server.site_id)
        )
    if any(site_of(other)[1:] == site_of(part)[1:] for other in _of_other_societies(visit)):
        # Else whoever manages one society could read and cut the homes of another.
        raise SocietyFileError(Sentence("This site cannot be added here. Ask whoever runs this Meterdesk."))


def _has_meters(server: MeterServer) -> bool:
    return db.session.scalar(select(Meter.id).filter_by(server_id=server.id).limit(1)) is not None


def _of_other_societies(visit: Visit) -> Sequence[MeterServer]:
    others = select(MeterServer).where(MeterServer.society_id != visit.society.id)
    return db.session.scalars(others).all()


def _is_taken(visit: Visit, name: str, server: MeterServer | None) -> bool:
    return any(each is not server and each.name == name for each in visit.society.meter_servers)


def _shown(
    visit: Visit, server: MeterServer | None, known: Known | None, words: Mapping[str, str], **more: Any
) -> str:
    return render_template(
        "societies/server.html",
        server=server,
        known=known,
        typed=words,
        operations=OPERATIONS.values(),
        kinds=KINDS,
        visit=visit,
        **more,
    )


def _tried(
    visit: Visit,
    part: ServerPart,
    secret: str,
    server: MeterServer | None,
    dg_nos: list[str],
    is_check: bool = False,
) -> Response:
    made = trials.draft(visit.society, part, secret, server, dg_nos, visit.user.id, is_check)
    trial_id = made.id
    db.session.commit()
    try_server.nudge(trial_id)
    return redirect(url_for(".trial", society=visit.society.slug, trial_id=trial_id), 303)


def _trial_page(visit: Visit, found: ServerTrial, **more: Any) -> str:
    template = "societies/_trial.html" if wants_fragment() else "societies/trial.html"
    return render_template(template, trial=found, WHAT=WHAT, visit=visit, **more)
