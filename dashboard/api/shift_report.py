"""The report of a shift at `/report`, the same bytes as on the command line."""

from flask import Response

from dashboard.api.question import ApiError, Question
from dashboard.report.command import window_of
from dashboard.report.contents import contents_of
from dashboard.report.page import page_of
from dashboard.report.window import ReportError

_FOUND = ("shift", "line")
"""Parameters that name something: what they name may not be there."""


def report(question: Question) -> Response:
    """The page."""
    run, sources = question.run, question.sources
    asked = question.text
    try:
        window = window_of(sources.basis, run, shift=asked("shift"), begin=asked("from"), end=asked("to"))
        contents = contents_of(sources.book, run, window, asked("line"))
    except ReportError as error:
        status = 404 if error.parameter in _FOUND and error.value else 400
        raise ApiError(status, error.parameter, error.value, error.allowed) from error
    return Response(page_of(contents), mimetype="text/html", headers={"Cache-Control": "no-store"})
