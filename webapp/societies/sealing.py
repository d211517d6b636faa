"""Meter servers' secrets, sealed with this installation's key: a copy of the database alone opens none."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app


def sealed(secret: str) -> str:
    """As the database keeps it; '' for none."""
    return _seal().encrypt(secret.encode()).decode("ascii") if secret else ""


def opened(kept: str) -> str:
    """The secret; '' where there is none, or it was sealed with another key than today's."""
    try:
        return _seal().decrypt(kept.encode("ascii")).decode() if kept else ""
    except InvalidToken:
        current_app.logger.warning("a meter server's secret was sealed with another key: enter it again")
        return ""


def _seal() -> Fernet:
    """A key of its own, derived from ours: what signs sessions seals nothing."""
    key = HKDF(SHA256(), 32, salt=None, info=b"meter servers' secrets")
    return Fernet(urlsafe_b64encode(key.derive(current_app.config["METERDESK"].secret_key.encode())))
