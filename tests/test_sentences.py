"""Sentences that are kept and read in anybody's language."""

from collections.abc import Iterator

import pytest
from markupsafe import escape

from webapp.sentences import Sentence, kept, recalled, together, told

HINDI = {"%(dg)s started": "%(dg)s चालू हुआ", "A late reply: %(note)s": "देर से जवाब: %(note)s", "Done": "पूरा"}


@pytest.fixture
def in_hindi(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(Sentence, "translator", lambda text: HINDI.get(text, text))
    yield


STARTED = Sentence("%(dg)s started", dg="DG<1>")


def test_a_sentence_is_plain_english_text() -> None:
    assert (STARTED, f"{STARTED}.", len(STARTED)) == ("DG<1> started", "DG<1> started.", 13)


@pytest.mark.usefixtures("in_hindi")
def test_a_page_says_it_in_the_readers_language_and_escapes_what_was_put_into_it() -> None:
    assert escape(STARTED) == "DG&lt;1&gt; चालू हुआ"
    assert told(Sentence("A late reply: %(note)s", note=STARTED)) == "देर से जवाब: DG<1> चालू हुआ"


@pytest.mark.usefixtures("in_hindi")
def test_an_exception_gives_its_sentence_back() -> None:
    assert told(str(ValueError(STARTED))) == "DG<1> चालू हुआ"


@pytest.mark.usefixtures("in_hindi")
def test_what_is_no_sentence_of_ours_is_never_translated() -> None:
    assert told("Done") == "Done"
    assert told(recalled(kept("Done"))) == "Done"
    assert told(recalled(kept(Sentence("Done")))) == "पूरा"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Wiring works",
        "[",
        '["Done", {}]',
        '["%(n)s", {"n": [3]}]',
        Sentence("100 % of it"),
        STARTED,
        Sentence("A late reply: %(note)s", note=STARTED),
        Sentence("%(n)s meters", n=3),
    ],
)
def test_what_is_kept_is_recalled(text: str) -> None:
    again = recalled(kept(text))
    assert (again, isinstance(again, Sentence)) == (text, isinstance(text, Sentence))
    assert told(again) == told(text)


@pytest.mark.parametrize(
    "text", ["[12:02] Wiring works", '["%(a)s", {"b": ["c"]}]', "[]", "[1, 2]", '["a", 3]']
)
def test_what_was_written_before_there_were_sentences_is_shown_as_it_is(text: str) -> None:
    assert recalled(text) == text


@pytest.mark.usefixtures("in_hindi")
def test_several_sentences_are_one_text_each_told_by_itself() -> None:
    both = together([STARTED, "as the server said", Sentence("Done")], "; ")
    assert both == "DG<1> started; as the server said; Done"
    assert told(both) == told(recalled(kept(both))) == "DG<1> चालू हुआ; as the server said; पूरा"


def test_of_one_sentence_or_none_nothing_is_made() -> None:
    assert together([STARTED]) is STARTED
    assert together([]) == ""
