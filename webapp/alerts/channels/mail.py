"""Mail, by the SMTP server that METERDESK_MAIL_URL names."""

import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import parse_qs, unquote, urlsplit

from webapp.settings import Settings

TIMEOUT_S = 15


@dataclass(frozen=True)
class Mail:
    """What is said to whom; ``key`` is the same when the same is sent again, so mailboxes can tell."""

    to: str
    subject: str
    body: str
    key: str


def send(settings: Settings, mail: Mail) -> None:
    """Hand the mail to the server. Raises OSError, smtplib.SMTPException, or ValueError or
    MessageError where something in it cannot be a header."""
    url = urlsplit(settings.mail_url or "")
    here = urlsplit(settings.public_url).hostname or "localhost"
    sender = parse_qs(url.query).get("from", [f"meterdesk@{here}"])[0]
    message = _message(mail, sender, here)
    with _connect(url.scheme, url.hostname or "", url.port) as server:
        if url.scheme == "smtp":
            _encrypt(server)
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message)


def _connect(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    if scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_S, context=context)
    return smtplib.SMTP(host, port or 25, timeout=TIMEOUT_S)


def _encrypt(server: smtplib.SMTP) -> None:
    server.ehlo()
    if server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())


def _message(mail: Mail, sender: str, here: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = f"Meterdesk <{sender}>"
    message["To"] = Address(addr_spec=mail.to)  # one address: neither a list of them nor a line more
    message["Subject"] = " ".join(mail.subject.split())
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = f"<{mail.key}@{here}>"
    message.set_content(mail.body)
    return message
