"""A static file is closed before anything is sent: a browser that goes away half-way leaves none open."""

import pytest

ADDRESS = "/static/img/logo.svg"


@pytest.fixture
def tag(app):
    return app.test_client().get(ADDRESS).headers["ETag"]


def test_a_file_that_is_sent_is_read_and_closed(app):
    with app.test_request_context(ADDRESS):
        answer = app.full_dispatch_request()
        assert answer.status_code == 200
        assert answer.is_sequence


def test_a_file_that_the_browser_has_is_closed_unread(app, tag):
    with app.test_request_context(ADDRESS, headers={"If-None-Match": tag}):
        answer = app.full_dispatch_request()
        assert answer.status_code == 304
        assert answer.is_sequence
        assert answer.response == ()
