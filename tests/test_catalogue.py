"""The Hindi catalogue: complete, true to its placeholders, and that of the code as it is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
HINDI = "webapp/translations/hi/LC_MESSAGES/messages.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]")
DEVANAGARI = re.compile("[\u0900-\u097f]")
OF_OURS = re.compile(r"(?<![\w%(])[A-Za-z]{2,}")
THE_SAME_IN_BOTH = frozenset({"DG kWh"})  # as people say it in both


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="hi")


def messages(path: Path = ROOT / HINDI) -> list[Message]:
    return [message for message in catalogue(path) if message.id]


def forms(words: object) -> list[str]:
    """One text, or its singular and plural."""
    return [words] if isinstance(words, str) else [str(form) for form in words]  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``make messages`` finds in code and templates."""
    made = tmp_path_factory.mktemp("messages") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract", "-F", "pyproject.toml"]
    subprocess.run([*command, "-o", str(made), "webapp", "templates"], cwd=ROOT, check=True)
    return made


def test_every_sentence_of_ours_has_hindi() -> None:
    blank = [message.id for message in messages() if not all(forms(message.string))]
    assert blank == [], "give them Hindi in messages.po"


def test_none_of_the_hindi_is_a_guess_or_left_over() -> None:
    assert [message.id for message in messages() if message.fuzzy] == []
    assert list(catalogue(ROOT / HINDI).obsolete) == []


def test_what_is_put_into_the_english_is_put_into_the_hindi() -> None:
    for message in messages():
        wanted = set(PLACEHOLDER.findall(forms(message.id)[-1]))
        for hindi in forms(message.string):
            assert set(PLACEHOLDER.findall(hindi)) == wanted, message.id


def test_a_per_cent_sign_breaks_no_sentence() -> None:
    for message in messages():
        names = dict.fromkeys(re.findall(r"%\((\w+)\)", forms(message.id)[-1]), "1")
        for text in [*forms(message.id), *forms(message.string)] if names else []:
            assert text % names


def test_the_hindi_is_hindi() -> None:
    told = [
        (english, forms(message.string)[0]) for message in messages() for english in forms(message.id)[:1]
    ]
    worded = [(english, hindi) for english, hindi in told if OF_OURS.search(PLACEHOLDER.sub("", english))]
    assert {english for english, hindi in worded if not DEVANAGARI.search(hindi)} == THE_SAME_IN_BOTH


def test_no_sentence_of_the_code_is_missing_from_the_catalogue(extracted: Path) -> None:
    known, found = ({str(message.id) for message in messages(path)} for path in (ROOT / HINDI, extracted))
    assert found - known == set(), "run `make messages`, and give them Hindi"
    assert known - found == set(), "run `make messages`: these are said nowhere any more"
