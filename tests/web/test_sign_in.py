"""Signing in at a page that others reach, in a real browser, and what another site cannot do there."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect

from dashboard.pages.frame import PAGES
from demo.claims import HOST
from tests.broker.clients import Client
from tests.broker.running import RunningBroker
from tests.gate.shut import PASSWORD, set_password
from tests.web.accessible import findings
from tests.web.conftest import RunningWeb
from tests.web.plant import Answerer, HandMachine, HandOffice

pytestmark = [pytest.mark.broker, pytest.mark.browser]

ATTACK = """<!doctype html><form id=f method=post enctype=text/plain action="{url}/api/commands">
<input name='{{"what":"start-over","id":"' value='"}}'></form><script>f.submit()</script>"""
SIGN_IN = """async password => (await fetch('/api/session', {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ password }),
})).status"""
VIOLATIONS = (
    "addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective))"
)


@pytest.fixture(scope="module")
def shut_web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWeb]:
    """A page that asks for the operator's password."""
    folder = tmp_path_factory.mktemp("shut")
    broker = RunningBroker(folder / "broker")
    broker.start()
    set_password(broker.credentials)
    running = RunningWeb(broker, folder, more=("--commands", "password"))
    running.start()
    yield running
    running.stop()
    broker.kill()


@pytest.fixture
def tolerated_page_errors() -> list[str]:
    """What a browser says of answers that these tests provoke."""
    return ["401 (UNAUTHORIZED)", "403 (FORBIDDEN)", "404 (NOT FOUND)"]


@pytest.fixture
def shut_office(shut_web: RunningWeb, mill: HandMachine) -> Iterator[HandOffice]:
    office = HandOffice(shut_web.broker, [mill])
    office.tell()
    shut_web.hear(office)
    yield office
    office.close()


def ask_to_start_over(page: Page) -> None:
    page.locator("#runs").click()
    page.get_by_role("button", name="Start over").click()
    page.get_by_role("button", name="Yes, end this run").click()


@pytest.mark.usefixtures("shut_office")
def test_a_command_asks_for_the_password_once_and_is_then_done(
    shut_web: RunningWeb, browser_page: Page
) -> None:
    plant = Answerer(shut_web.broker, "plant")
    browser_page.goto(shut_web.url)
    expect(browser_page.locator("#sign-out")).to_be_hidden()

    ask_to_start_over(browser_page)
    asked = browser_page.get_by_role("dialog", name="Sign in to command")
    expect(asked.get_by_label("Operator's password")).to_be_focused()
    assert findings(browser_page, "dialog.asking") == []
    asked.get_by_label("Operator's password").fill("not the password")
    asked.get_by_role("button", name="Sign in").click()
    expect(asked.get_by_role("status")).to_have_text("Not done: that is not the operator's password.")
    asked.get_by_label("Operator's password").fill(PASSWORD)
    asked.get_by_role("button", name="Sign in").click()

    assert plant.answer("a new run begins")["what"] == "start-over"
    expect(browser_page.locator(".start-over [role=status]")).to_contain_text("a new run begins")
    browser_page.keyboard.press("Escape")
    ask_to_start_over(browser_page)
    assert plant.answer("and another")["what"] == "start-over"
    browser_page.keyboard.press("Escape")
    browser_page.get_by_role("button", name="Sign out").click()
    expect(browser_page.locator("#sign-out")).to_be_hidden()
    ask_to_start_over(browser_page)
    expect(asked).to_be_visible()
    plant.close()


def test_no_password_of_a_device_is_shown_where_others_reach_the_page(
    shut_web: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(f"{shut_web.url}/machines")
    expect(browser_page.get_by_text("-u guest -P PASSWORD").first).to_be_attached()

    shown = browser_page.content()
    assert not any(shut_web.broker.password(role) in shown for role in ("guest", "device", "operator"))


def test_a_form_of_another_site_commands_nothing_though_the_browser_has_signed_in(
    shut_web: RunningWeb, browser_page: Page
) -> None:
    witness = Client(shut_web.broker.port, "machines", shut_web.broker.password("machines"))
    witness.listen("shopfloor/_plant/command")
    browser_page.goto(shut_web.url)
    signed_in = browser_page.evaluate(SIGN_IN, PASSWORD)
    assert signed_in == 200

    with attacking(shut_web.url) as site:
        browser_page.goto(site)
        browser_page.wait_for_url(f"{shut_web.url}/api/commands")

    assert "commands are taken from this page's own origin alone" in browser_page.content()
    witness.listen("shopfloor/_plant/command")
    assert witness.heard == []
    log = shut_web.log.read_text(encoding="utf-8")
    assert "refused POST /api/commands from 127.0.0.1: commands are taken from this page's own" in log
    assert PASSWORD not in log
    witness.close()


class attacking:  # noqa: N801 - it reads as a verb
    """A site that has whoever opens it post a form to a page."""

    def __init__(self, url: str) -> None:
        body = ATTACK.format(url=url).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://{HOST}:{self._server.server_port}/"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.mark.usefixtures("shut_office")
def test_no_page_breaks_its_own_policy(shut_web: RunningWeb, browser_page: Page) -> None:
    """`browser_page` fails on what the console says, and Chromium says each violation there."""
    browser_page.add_init_script(VIOLATIONS)
    for path in (*PAGES, "/wall", "/machine/mill-1", "/nowhere"):
        answer = browser_page.goto(f"{shut_web.url}{path}")
        assert answer is not None
        policy = answer.headers["content-security-policy"]
        assert [one for one in policy.split("; ") if "unsafe" in one] == ["style-src 'self' 'unsafe-inline'"]
        expect(browser_page.locator("#page main")).to_be_attached()


@pytest.mark.parametrize("path", ["/", "/api/kpis", "/api/runs", "/assets/style.css", "/nowhere", "/metrics"])
def test_every_answer_tells_a_browser_what_it_may_do(
    shut_web: RunningWeb, browser_page: Page, path: str
) -> None:
    headers = browser_page.request.get(f"{shut_web.url}{path}").headers

    policy = headers["content-security-policy"]
    assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} <= set(policy.split("; "))
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
