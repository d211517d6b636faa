"""A society file: what it may say, and loading it so that only what differs changes."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from webapp.contract.profile import Profile, ProfileError
from webapp.extensions import db
from webapp.sentences import Sentence
from webapp.societies.models import MeterServer, Society

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,58}")
WEB_ADDRESS = re.compile(r"https?://[^\s/?#]+")
MOST_GENERATORS = 50
DG_NO = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,38}")


class SocietyFileError(ValueError):
    """The file cannot be loaded; ``str()`` says where and why in one sentence."""


class SocietyPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[society]``."""

    slug: str
    name: str
    timezone: str = "Asia/Kolkata"
    currency: str = "INR"


class ServerPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[meter_servers]]``."""

    name: str
    base_url: str
    site_id: str
    poll_every_s: int = 900
    timeout_s: float = 10
    generators: list[str] = []
    generator_status_every_s: int = 30
    generator_fuel_every_s: int = 300
    generator_register_every_s: int = 900
    recharge_queue_s: int = 900
    profile: dict[str, Any] = {}


class SocietyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    society: SocietyPart
    meter_servers: list[ServerPart] = []


def read(path: Path) -> SocietyFile:
    """Read a society file. Raises SocietyFileError."""
    try:
        return parse(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SocietyFileError(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SocietyFileError(f"{path} is not TOML: {error}.") from error


def parse(data: Mapping[str, Any]) -> SocietyFile:
    """Check what a society file says. Raises SocietyFileError."""
    try:
        found = msgspec.convert(data, SocietyFile)
    except msgspec.ValidationError as error:
        raise SocietyFileError(f"{error}.") from error
    _check(found)
    return found


def _check(file: SocietyFile) -> None:
    if not SLUG.fullmatch(file.society.slug):
        raise SocietyFileError(f"slug “{file.society.slug}”: small letters, digits and hyphens only.")
    try:
        ZoneInfo(file.society.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SocietyFileError(f"timezone “{file.society.timezone}” is not known.") from error
    names = [server.name for server in file.meter_servers]
    if len(set(names)) < len(names):
        raise SocietyFileError("Two meter servers have the same name.")
    for server in file.meter_servers:
        _check_server(server)


def server_part(data: Mapping[str, Any]) -> ServerPart:
    """Check what is said of one meter server. Raises SocietyFileError."""
    try:
        part = msgspec.convert(data, ServerPart)
    except msgspec.ValidationError as error:
        raise SocietyFileError(f"{error}.") from error
    _check_server(part)
    return part


def _check_server(server: ServerPart) -> None:
    if wrong := _wrong(server):
        where = Sentence("Meter server “%(name)s”", name=server.name)
        raise SocietyFileError(Sentence("%(where)s: %(wrong)s", where=where, wrong=wrong))


def _wrong(server: ServerPart) -> str | None:
    """What of it cannot be, in a sentence that goes on behind its name."""
    if not 0 < len(server.name) <= 60 or not 0 < len(server.site_id) <= 64:
        return Sentence("its name takes 1 to 60 letters, its site_id 1 to 64.")
    if "@" in urlsplit(server.base_url).netloc:
        return Sentence("base_url takes no user or password; the profile's auth does.")
    if not WEB_ADDRESS.match(server.base_url):
        return Sentence("base_url takes an address like https://meters.example/api/.")
    paces = (
        server.poll_every_s,
        server.generator_status_every_s,
        server.generator_fuel_every_s,
        server.generator_register_every_s,
    )
    if min(paces) < 5:
        return Sentence("nothing may be asked more often than every 5 seconds.")
    if not 0 < server.timeout_s <= 120:
        return Sentence("timeout_s must be above 0 and at most 120.")
    if len(server.generators) > MOST_GENERATORS:
        return Sentence("it names more than %(most)s generators, which is a slip.", most=MOST_GENERATORS)
    if any(not DG_NO.fullmatch(dg_no) for dg_no in server.generators):
        return Sentence("a generator's number takes letters, digits, dot and hyphen.")
    try:
        Profile.from_mapping(server.profile)
    except ProfileError as error:
        return str(error.args[0])
    return None


def store(file: SocietyFile) -> Society:
    """Make or change the society and its servers; commits nothing. Raises SocietyFileError."""
    society = db.session.scalar(db.select(Society).filter_by(slug=file.society.slug)) or Society()
    for name, value in msgspec.structs.asdict(file.society).items():
        setattr(society, name, value)
    db.session.add(society)
    known = {server.name: server for server in society.meter_servers}
    for part in file.meter_servers:
        server = known.pop(part.name, None)
        if server is None:
            server = MeterServer(name=part.name)
            society.meter_servers.append(server)
        store_server(server, part)
    if known:
        raise SocietyFileError(
            f"The file leaves out {', '.join(known)}, which has meters: a server is not removed by a file."
        )
    db.session.flush()
    return society


def part_of(server: MeterServer, dg_nos: Sequence[str]) -> ServerPart:
    """A stored server as a file would have it."""
    names = (name for name in ServerPart.__struct_fields__ if name not in ("generators", "profile"))
    values = {name: getattr(server, name) for name in names}
    return ServerPart(**values, generators=list(dg_nos), profile=server.profile.to_mapping())


def server_of(part: ServerPart) -> MeterServer:
    """The server as the file has it, stored nowhere."""
    server = MeterServer(name=part.name)
    store_server(server, part)
    return server


def store_server(server: MeterServer, part: ServerPart) -> None:
    """Change what differs, and nothing else."""
    values = msgspec.structs.asdict(part)
    values.pop("generators")
    values["profile_data"] = values.pop("profile")
    changed = [name for name, value in values.items() if getattr(server, name) != value]
    for name in changed:
        setattr(server, name, values[name])
    if changed:
        # Try the new settings at once; what was asked with the old ones is not taken for theirs.
        server.next_poll_at = server.polling_until = None
