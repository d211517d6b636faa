"""Settings: read strictly, secrets kept to themselves."""

import stat
import threading
from pathlib import Path

import pytest

from webapp.settings import Settings, SettingsError, settings_from


def settings(tmp_path: Path, **said: str) -> Settings:
    return settings_from({"METERDESK_DATA": str(tmp_path), **{f"METERDESK_{k}": v for k, v in said.items()}})


def refusal(tmp_path: Path, **said: str) -> str:
    with pytest.raises(SettingsError) as refused:
        settings(tmp_path, **said)
    return str(refused.value)


def test_nothing_said_gives_the_designs_defaults(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert (found.host, found.port, found.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert (found.demo, found.simulator_port, found.demo_units) == (False, 8010, 240)
    assert (found.mail_url, found.simulator_url) == (None, "http://127.0.0.1:8010/")
    assert found.database_url == f"sqlite:///{tmp_path}/meterdesk.sqlite"


def test_the_public_address_follows_host_and_port_unless_it_is_said(tmp_path: Path) -> None:
    assert settings(tmp_path, HOST="::1", PORT="80").public_url == "http://[::1]:80"
    assert settings(tmp_path, PUBLIC_URL="https://desk.example/").public_url == "https://desk.example"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "http", "METERDESK_PORT is “http”: it takes a whole number from 0 to 65535."),
        ("PORT", "65536", "METERDESK_PORT is “65536”"),
        ("PORT", "-1", "METERDESK_PORT is “-1”"),
        ("PORT", "²", "METERDESK_PORT is “²”"),
        ("PORT", "", "METERDESK_PORT is “”"),
        ("DEMO", "yes", "METERDESK_DEMO is “yes”: it takes 1 for yes or 0 for no."),
        ("DEMO_UNITS", "0", "METERDESK_DEMO_UNITS is “0”: it takes a whole number from 1 to 20000."),
        ("STREAMS", "0", "METERDESK_STREAMS is “0”: it takes a whole number from 1 to 2000."),
        ("PUBLIC_URL", "desk.example", "METERDESK_PUBLIC_URL is “desk.example”"),
        ("PUBLIC_URL", "http://[", "METERDESK_PUBLIC_URL is “http://[”"),
        ("PUBLIC_URL", "https://desk.example:port", "METERDESK_PUBLIC_URL is"),
        ("DATABASE_URL", "mysql://x/y", "METERDESK_DATABASE_URL takes sqlite:///PATH"),
        ("MAIL_URL", "mail.example:25", "METERDESK_MAIL_URL takes smtp://host:port"),
        ("MAIL_URL", "http://mail.example", "METERDESK_MAIL_URL takes smtp://host:port"),
        ("SECRET_KEY_FILE", "/nowhere/key", "METERDESK_SECRET_KEY_FILE cannot be read: No such file"),
    ],
)
def test_nonsense_is_refused_with_a_sentence_that_names_it(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    assert refusal(tmp_path, **{name: value}).startswith(said)


def test_a_mail_password_is_not_quoted_when_its_address_is_refused(tmp_path: Path) -> None:
    assert "hunter2" not in refusal(tmp_path, MAIL_URL="http://user:hunter2@mail.example")


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "which is no folder" in refusal(tmp_path / "file")


def test_a_demo_listens_to_this_machine_only(tmp_path: Path) -> None:
    assert "it listens on loopback only" in refusal(tmp_path, DEMO="1", HOST="0.0.0.0")  # noqa: S104
    for host in ("127.0.0.1", "::1", "localhost"):
        assert settings(tmp_path, DEMO="1", HOST=host).demo


def test_a_secret_may_come_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("smtp://mail.example:25\n")
    found = settings(tmp_path, MAIL_URL_FILE=str(file), SECRET_KEY_FILE=str(file))
    assert found.mail_url == found.secret_key == "smtp://mail.example:25"


def test_a_secret_file_that_holds_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xff\xfe")
    assert "does not hold text" in refusal(tmp_path, SECRET_KEY_FILE=str(tmp_path / "secret"))


def test_secrets_stay_out_of_what_is_printed(tmp_path: Path) -> None:
    said = repr(settings(tmp_path, SECRET_KEY="hunter2", MAIL_URL="smtp://me:hunter2@mail.example"))
    assert "hunter2" not in said


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first, second = settings(tmp_path).secret_key, settings(tmp_path).secret_key
    assert first == second
    assert len(first) >= 32
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_key_that_is_given_is_written_nowhere(tmp_path: Path) -> None:
    assert settings(tmp_path, SECRET_KEY="given").secret_key == "given"
    assert list(tmp_path.iterdir()) == []


def test_whoever_starts_at_the_same_moment_gets_the_same_key(tmp_path: Path) -> None:
    together, keys = threading.Barrier(12), []

    def start() -> None:
        together.wait()
        keys.append(settings(tmp_path).secret_key)

    threads = [threading.Thread(target=start) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(keys), len(set(keys))) == (12, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
