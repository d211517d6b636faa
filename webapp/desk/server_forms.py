"""A meter server as a form has it: typed words into a society file's part and back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from webapp.contract.auth import KINDS
from webapp.contract.operations import OPERATIONS
from webapp.contract.profile import Profile
from webapp.sentences import Sentence
from webapp.societies.files import ServerPart, SocietyFileError, server_part
from webapp.societies.models import MeterServer
from webapp.societies.sealing import sealed

WHOLE = (
    "poll_every_s", "generator_status_every_s", "generator_fuel_every_s", "generator_register_every_s",
    "recharge_queue_s",
)  # fmt: skip
TYPED = ("name", "base_url", "site_id")


class SecretWantedError(ValueError):
    """The secret has to be entered: there is none, or it was entered for another address."""


@dataclass(frozen=True)
class Known:
    """What is there already: a stored server, or a draft of one."""

    part: ServerPart
    secret_sealed: str = ""

    @property
    def auth(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.part.profile.get("auth", {})
        return found

    @property
    def has_secret(self) -> bool:
        return bool(self.auth.get("secret_env") or (self.auth.get("sealed") and self.secret_sealed))


def typed(form: Mapping[str, str], known: Known | None) -> tuple[ServerPart, str]:
    """The part and its sealed secret. Raises SocietyFileError, SecretWantedError.

    A secret that is not typed is kept, but only for the address and the site that it was entered for: else
    whoever edits a server could have it sent to one of their own, or open another society's homes with it.
    Variables of the environment are named by society files alone, for the same reason.
    """
    kind = form.get("auth_kind", "none")
    auth, secret = _auth(form, kind, known)
    profile = {
        "encoding": form.get("encoding", "form"),
        "timezone": form.get("timezone", "").strip(),
        "load_unit": form.get("load_unit", "kW"),
        "fuel_unit": form.get("fuel_unit", "litre"),
        "recharge_success_is_final": form.get("recharge_queues") != "yes",
        "auth": auth,
        "operations": dict(_operations(form)),
    }
    said: dict[str, Any] = {name: form.get(name, "").strip() for name in TYPED}
    said |= {name: _whole(form.get(name, "")) for name in WHOLE}
    part = server_part(
        said
        | {
            "timeout_s": _seconds(form.get("timeout_s", "")),
            "generators": form.get("generators", "").replace(",", " ").split(),
            "profile": profile,
        }
    )
    _keep_from_strangers(part, known, form.get("secret", ""), auth)
    return _canonical(part), secret


def _auth(form: Mapping[str, str], kind: str, known: Known | None) -> tuple[dict[str, Any], str]:
    """The profile's table, and the secret as it is kept."""
    if kind == "none" or kind not in KINDS:
        return {"kind": kind}, ""
    named = {key: form.get(f"auth_{key}", "").strip() for key in KINDS[kind] if key != "secret_env"}
    if new := form.get("secret", "").strip():
        return {"kind": kind, **named, "sealed": True}, sealed(new)
    if known is None or not known.has_secret:
        raise SecretWantedError
    if variable := known.auth.get("secret_env"):
        return {"kind": kind, **named, "secret_env": variable}, ""
    return {"kind": kind, **named, "sealed": True}, known.secret_sealed


def _keep_from_strangers(part: ServerPart, known: Known | None, new: str, auth: Mapping[str, Any]) -> None:
    if auth["kind"] != "none" and not new.strip() and known and site_of(part) != site_of(known.part):
        raise SecretWantedError


def site_of(part: ServerPart | MeterServer) -> tuple[str, str, str]:
    """Which homes, at which company's address: the scheme, the host, the site."""
    found = urlsplit(part.base_url)
    return found.scheme.lower(), found.netloc.lower(), part.site_id.strip()


def _operations(form: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for name, operation in OPERATIONS.items():
        if form.get(f"{name}.on") != "yes":
            yield name, False
            continue
        spelled: dict[str, Any] = {}
        if path := form.get(f"{name}.path", "").strip():
            spelled["path"] = path
        for key, ours in (("params", operation.params), ("fields", operation.fields)):
            theirs = {our: form.get(f"{name}.{key}.{our}", "").strip() for our in ours}
            spelled[key] = {our: their for our, their in theirs.items() if their}
        yield name, spelled


def _canonical(part: ServerPart) -> ServerPart:
    """Without what is the default's, as a stored server is told."""
    return msgspec.structs.replace(part, profile=Profile.from_mapping(part.profile).to_mapping())


def _whole(text: str) -> int:
    if not text.strip().isdecimal() or len(text) > 9:
        raise SocietyFileError(Sentence("“%(typed)s” is no whole number of seconds.", typed=text[:20]))
    return int(text)


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise SocietyFileError(Sentence("“%(typed)s” is no number of seconds.", typed=text[:20])) from error


def shown(part: ServerPart) -> dict[str, str]:
    """The form's words for a part; what is the contract's own spelling stays blank."""
    profile = Profile.from_mapping(part.profile)
    words = {name: str(getattr(part, name)) for name in (*TYPED, *WHOLE)}
    words |= {
        "timeout_s": f"{part.timeout_s:g}",
        "generators": ", ".join(part.generators),
        "encoding": profile.encoding,
        "timezone": profile.timezone.key,
        "load_unit": profile.load_unit,
        "fuel_unit": profile.fuel_unit,
        "recharge_queues": "" if profile.recharge_success_is_final else "yes",
        "auth_kind": profile.auth.kind,
        "auth_name": profile.auth.name,
        "auth_username": profile.auth.username,
    }
    for name, operation in OPERATIONS.items():
        spelling = profile.spelling(name)
        words[f"{name}.on"] = "yes" if spelling else ""
        if spelling is None:
            continue
        words[f"{name}.path"] = "" if spelling.path == operation.path else spelling.path
        for key, theirs in (("params", spelling.params), ("fields", spelling.fields)):
            words |= {f"{name}.{key}.{our}": their for our, their in theirs.items()}
    return words
