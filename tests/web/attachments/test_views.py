from io import BytesIO

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from kb.permissions import Role
from tests.kb.attachments.test_rules import picture
from tests.web.visitor import _TOKEN
from web.app import MAX_REQUEST_BYTES


@pytest.fixture
def upload(agent):
    def post(name, data, visitor=agent):
        token = _TOKEN.search(visitor.get("/threads/new").text).group(1)
        return visitor.client.post(
            "/attachments",
            **form({"file": FileStorage(BytesIO(data), name)}),
            headers={"X-CSRFToken": token, "Accept": "application/json"},
        )

    return post


def form(values) -> dict[str, object]:
    """Return *values* as a form's body, in memory: the client leaves the file open that it keeps a long one in."""
    boundary, body = encode_multipart(values)
    return {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}


def address(answer) -> str:
    return answer.json["markdown"].rpartition("(")[2].rstrip(")")


def test_a_picture_is_shown_and_can_do_nothing_else(upload, agent, visit_as):
    answer = upload("盒子.png", picture("PNG"))
    assert answer.status_code == 201
    assert answer.json["markdown"].startswith("![盒子.png](/attachments/")
    sent = agent.get(address(answer))
    assert sent.status_code == 200
    assert sent.content_type == "image/png"
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in sent.headers["Content-Security-Policy"]
    assert "default-src 'none'" in sent.headers["Content-Security-Policy"]
    assert sent.headers["Content-Disposition"].startswith("inline; filename*=UTF-8''%E7%9B%92")
    assert sent.headers["Cache-Control"] == "private, no-cache"
    again = agent.get(address(answer), headers={"If-None-Match": sent.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert visit_as(Role.EDITOR).get(address(answer)).status_code == 404  # it hangs on nothing yet


def test_everything_else_is_saved_not_shown(upload, agent):
    answer = upload("说明.html", "<b>只是文字</b>，你好".encode())
    assert answer.status_code in (201, 400)
    if answer.status_code == 201:
        sent = agent.get(address(answer))
        assert sent.content_type == "text/plain; charset=utf-8"
    sent = agent.get(address(upload("手册.pdf", b"%PDF-1.7\n1 0 obj\n")))
    assert sent.headers["Content-Disposition"].startswith("attachment;")


def test_what_is_refused_says_why_as_data(upload):
    answer = upload("x.png", b"MZ\x90\x00" + b"\0" * 99)
    assert answer.status_code == 400
    assert answer.json["error"]["field"] == "file"
    assert "只能上传" in answer.json["error"]["message"]


def test_only_where_files_go_a_request_may_be_long(upload, agent):
    data = b"%PDF-1.7\n" + b"0" * (2 * MAX_REQUEST_BYTES)
    assert upload("手册.pdf", data).status_code == 201
    token = _TOKEN.search(agent.get("/threads/new").text).group(1)
    answer = agent.client.post("/notices/read", **form({"csrf_token": token, "file": FileStorage(BytesIO(data), "x")}))
    assert answer.status_code == 413


def test_files_go_with_the_form_where_there_are_no_scripts(agent):
    token = _TOKEN.search(agent.get("/threads/new").text).group(1)
    fields = {"csrf_token": token, "title": "看图", "kind": "question", "module": "fault.broadband", "body": "如图"}
    answer = agent.client.post("/threads", data={**fields, "file": (BytesIO(picture("PNG")), "盒子.png")})
    assert answer.status_code == 302
    assert '<img alt="盒子.png" src="/attachments/' in agent.get(answer.location).text
    bad = agent.client.post("/threads", data={**fields, "file": (BytesIO(b"MZ\x90\x00" + b"\0" * 99), "x.exe")})
    assert bad.status_code == 400
    assert "只能上传" in bad.text
    assert "如图" in bad.text
