"""Settings, read once from the environment; nonsense is refused with one clear sentence."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "::1", "localhost")
_DEMO_PUBLIC = "a demo's password is on its login page, so it listens on loopback only"


class SettingsError(ValueError):
    """A setting is nonsense; ``str()`` names it and says what it takes."""


@dataclass(frozen=True)
class Settings:
    """What the environment says (``METERDESK_…``); secrets stay out of ``repr``."""

    host: str
    port: int
    public_url: str
    data: Path
    database_url: str
    secret_key: str = field(repr=False)
    mail_url: str | None = field(repr=False)
    demo: bool
    simulator_port: int
    demo_units: int
    streams: int  # open pages at once: a thread each

    @property
    def simulator_url(self) -> str:
        return f"http://127.0.0.1:{self.simulator_port}/"


def settings_from(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings. Raises SettingsError. Makes the data folder and, at first use, its key."""
    host = environ.get("METERDESK_HOST", "127.0.0.1")
    port = _whole(environ, "METERDESK_PORT", 8000, 0, 65535)
    data = Path(environ.get("METERDESK_DATA", "instance")).resolve()
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"METERDESK_DATA is {data}, which is no folder: {error.strerror}.") from error
    demo = _flag(environ, "METERDESK_DEMO")
    if demo and host not in LOOPBACK:
        raise SettingsError(f"METERDESK_HOST is {host} and METERDESK_DEMO is on: {_DEMO_PUBLIC}.")
    return Settings(
        host=host,
        port=port,
        public_url=_web_address(environ, "METERDESK_PUBLIC_URL", f"http://{in_address(host)}:{port}"),
        data=data,
        database_url=_database(environ, data),
        secret_key=_secret(environ, "METERDESK_SECRET_KEY") or _kept_key(data / "secret_key"),
        mail_url=_mail(environ),
        demo=demo,
        simulator_port=_whole(environ, "METERDESK_SIMULATOR_PORT", 8010, 0, 65535),
        demo_units=_whole(environ, "METERDESK_DEMO_UNITS", 240, 1, 20000),
        streams=_whole(environ, "METERDESK_STREAMS", 200, 1, 2000),
    )


def in_address(host: str) -> str:
    """A host as it stands in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def _whole(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name, str(default))
    if not text.isdecimal() or not low <= int(text) <= high:
        raise SettingsError(f"{name} is “{text}”: it takes a whole number from {low} to {high}.")
    return int(text)


def _flag(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name, "0")
    if text not in ("0", "1"):
        raise SettingsError(f"{name} is “{text}”: it takes 1 for yes or 0 for no.")
    return text == "1"


def _web_address(environ: Mapping[str, str], name: str, default: str) -> str:
    text = environ.get(name, default).rstrip("/")
    if not _names_a_host(text, ("http", "https")):
        raise SettingsError(f"{name} is “{text}”: it takes an address like https://desk.example.")
    return text


def _names_a_host(text: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a bracket left open, a port that is no number
        return False


def _database(environ: Mapping[str, str], data: Path) -> str:
    text = _secret(environ, "METERDESK_DATABASE_URL") or f"sqlite:///{data / 'meterdesk.sqlite'}"
    if not text.startswith("sqlite:///"):
        raise SettingsError("METERDESK_DATABASE_URL takes sqlite:///PATH; other databases are not supported.")
    return text


def _mail(environ: Mapping[str, str]) -> str | None:
    text = _secret(environ, "METERDESK_MAIL_URL")
    if not text:
        return None
    if not _names_a_host(text, ("smtp", "smtps")):
        raise SettingsError("METERDESK_MAIL_URL takes smtp://host:port or smtps://user:password@host.")
    return text


def _secret(environ: Mapping[str, str], name: str) -> str | None:
    """A secret given directly, or as ``NAME_FILE``, the path of a file that holds it."""
    path = environ.get(f"{name}_FILE")
    if path is None:
        return environ.get(name) or None
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except OSError as error:
        raise SettingsError(f"{name}_FILE cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{name}_FILE does not hold text.") from error


def _kept_key(path: Path) -> str:
    """The key in the data folder, made at first use; whoever comes second takes the first one's."""
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48), encoding="ascii")
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text(encoding="ascii").strip()
