"""The problems of ``people.rules`` as sentences, in the reader's language."""

from flask_babel import gettext

from webapp.people.rules import NotSoError, Problem
from webapp.sentences import N_

SENTENCES = {
    "password_short": N_("A password has at least 8 characters."),
    "password_long": N_("A password has at most 200 characters."),
    "password_email": N_("A password must not be the e-mail address."),
    "password_guessed": N_("This password is among the first that anybody would guess. Choose another."),
    "password_twice": N_("The two passwords are not the same."),
    "password_present": N_("The present password is not right."),
    "email": N_("“%(text)s” is not an e-mail address."),
    "email_missing": N_("An invitation needs an e-mail address: it is what the person signs in with."),
    "phone": N_("“%(text)s” is not a phone number: one number of 6 to 15 digits."),
    "phone_rounded": N_(
        "“%(text)s” is a phone number that the spreadsheet rounded. Format the column as text and enter "
        "it anew."
    ),
    "name_long": N_("A name has at most %(most)s characters."),
    "name_missing": N_("Give a name."),
    "day": N_("“%(text)s” is not a day. Write it like 23-11-2026 or 2026-11-23."),
    "day_early": N_("%(day)s is too long ago."),
    "day_late": N_("%(day)s is too far ahead."),
    "until_before_since": N_("The day of moving out must be after the day of moving in."),
    "until_without_since": N_("Say from which day, too."),
    "lives_there": N_("This person lives in %(unit)s at that time already."),
    "no_unit": N_("There is no unit “%(unit)s” in this society."),
    "unit_missing": N_("Name the unit."),
    "last_manager": N_(
        "This is the society's only manager. Make somebody else a manager first, so that someone can."
    ),
    "elsewhere": N_(
        "This person belongs to other societies, too, so only they themselves or the operator of Meterdesk "
        "can make a way to a new password."
    ),
    "keeps_own": N_("Whoever signs in changes their own name and phone."),
    "already_member": N_("This address belongs to %(name)s, who is in the society already."),
    "already_ended": N_("They moved out on %(day)s. To change the day, correct the entry."),
    # of a row of a list
    "row_empty_unit": N_("There is no unit in this row."),
    "row_unit_long": N_("A unit's number has at most 64 characters."),
    "row_unit_day": N_(
        "The spreadsheet made a day of this unit's number. Format the column as text and enter it anew."
    ),
    "row_formula": N_("“%(text)s” is a formula. Put its value in its place."),
    "row_unit_alike": N_("This could be %(one)s or %(other)s. Write it just as the unit is called."),
    "row_number": N_(
        "“%(text)s” lost digits in the spreadsheet. Format the column as text and enter it anew."
    ),
    "row_no_name": N_("A phone, an address or a day stands here, but no name."),
    "row_repeat": N_("The same as line %(line)s."),
    "row_contradicts": N_("Line %(line)s says otherwise of the same person."),
    "row_overlaps": N_("They lived there from %(since)s to %(until)s; these days overlap with it."),
    "row_broken": N_("This row has a character that cannot be read."),
    # of a whole file
    "file_missing": N_("Choose a file."),
    "file_empty": N_("The file has no rows."),
    "file_large": N_("The file is larger than 1 MB. Divide it."),
    "file_rows": N_("The file has more than %(most)s rows. Divide it."),
    "file_wide": N_("The file has more than %(most)s columns; a list of people has few."),
    "file_bomb": N_("The file unpacks to far more than a list of people can be, so it was not opened."),
    "file_xls": N_("This is the old Excel format. Save it as .xlsx or .csv."),
    "file_broken": N_("The file cannot be read as a list. Save it anew as .xlsx or .csv."),
    "file_no_unit": N_("The first row has no column called “unit” (or flat, or house). Found: %(found)s."),
    "file_twice": N_("Two columns are both for “%(column)s”: %(found)s."),
}


def said(problem: Problem | NotSoError | str) -> str:
    """The problem as a sentence."""
    if isinstance(problem, NotSoError):
        problem = problem.problem
    if isinstance(problem, str):
        problem = Problem(problem)
    return str(gettext(SENTENCES[problem.kind], **problem.params))
