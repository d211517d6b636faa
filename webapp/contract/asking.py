"""An operation as one company wants to be asked it, and what becomes of the asking."""

from collections.abc import Mapping

from webapp.contract.auth import Auth, SecretMissing
from webapp.contract.errors import NotSent, Unanswered, Unreadable
from webapp.contract.exchange import Lost, Question, exchange
from webapp.contract.heard import Heard
from webapp.contract.operations import Operation, may_have_acted
from webapp.contract.profile import Profile
from webapp.sentences import Sentence


def question(
    operation: Operation,
    base_url: str,
    profile: Profile,
    inputs: Mapping[str, str],
    secrets: Mapping[str, str],
) -> Question:
    """The operation with ``inputs`` (our names → values) in the profile's spelling.

    Raises NotSent where the company does not offer it or its secret is missing.
    """
    spelling = profile.spelling(operation.name)
    if spelling is None:
        raise NotSent(
            operation.name,
            Sentence("This meter company does not offer “%(operation)s”.", operation=operation.what),
        )
    theirs = {spelling.params.get(our, our): value for our, value in inputs.items()}
    in_query = operation.method == "GET" or profile.encoding == "query"
    try:
        secret = profile.auth.secret(secrets)
    except SecretMissing as error:
        raise NotSent(operation.name, str(error)) from None
    return Question(
        method=operation.method,
        url=f"{base_url.rstrip('/')}/{spelling.path.lstrip('/')}",
        query=(theirs if in_query else {}) | _in_query(profile.auth, secret),
        form=theirs if not in_query and profile.encoding == "form" else None,
        json=theirs if not in_query and profile.encoding == "json" else None,
        headers=_in_headers(profile.auth, secret),
        basic=(profile.auth.username, secret) if profile.auth.kind == "basic" else None,
    )


def ask(operation: Operation, asked: Question, timeout_s: float) -> Heard:
    """The reply, whole. Raises NotSent, Unanswered or Unreadable."""
    try:
        reply = exchange(asked, timeout_s)
    except Lost as lost:
        if not lost.may_have_left:
            raise NotSent(operation.name, _not_sent(operation, str(lost))) from None
        raise Unanswered(operation.name, may_have_acted(operation, str(lost))) from None
    if reply.body is not None:
        return Heard(reply.http_status, reply.body, reply.content_type)
    if operation.command and not 200 <= reply.http_status < 300 and not 400 <= reply.http_status < 500:
        raise Unanswered(operation.name, Sentence("The meter server answered with an error of its own."))
    too_large = Sentence("The meter server's answer is too large, or badly compressed.")
    raise Unreadable(operation.name, too_large)


def _not_sent(operation: Operation, why: str) -> str:
    return Sentence("%(why)s Nothing was sent.", why=why) if operation.command else why


def _in_query(auth: Auth, secret: str) -> dict[str, str]:
    return {auth.name: secret} if auth.kind == "query" else {}


def _in_headers(auth: Auth, secret: str) -> dict[str, str]:
    if auth.kind == "bearer":
        return {"Authorization": f"Bearer {secret}"}
    return {auth.name: secret} if auth.kind == "header" else {}
