"""Pages in a real browser: what goes wrong in them, and what axe finds."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakSet

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Playwright, Request, Response

from ravisit.testing import chromium

AXE = Path(__file__).resolve().parent.parent.parent / "var" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Without `preload`: to follow an @import, as Django's admin has one, axe adds inline styles, which our policy refuses.
# That leaves out one rule, about sheets that turn the page by the orientation of the screen; ours do not.
RUN_AXE = """async (tags) => {
    const options = { runOnly: { type: "tag", values: tags }, preload: false, resultTypes: ["violations"] };
    const { violations } = await axe.run(document, options);
    return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${help}: ${target}`));
}"""

# Flags for a browser that runs in a container and talks to nobody but us.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

_HAVE_AXE = WeakSet[Page]()


def launch(playwright: Playwright) -> Browser:
    """Start the Chromium that this machine has."""
    return playwright.chromium.launch(executable_path=chromium.find(), args=FLAGS)


def collect_problems(page: Page, base_url: str, problems: list[str]) -> None:
    """Add to `problems` whatever a page of the site at `base_url` does that none of ours may.

    That is: an error in a script, an error on the console (a violation of the content security policy is one), a
    file that is missing, a request to another host. The answer to the page itself is the test's own affair.
    """

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            problems.append(f"{page.url}: {message.text}")

    def on_request(request: Request) -> None:
        if not request.url.startswith((base_url, "data:", "blob:")):
            problems.append(f"{page.url}: asks {request.url}")

    def on_response(response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            problems.append(f"{page.url}: {response.status} for {response.url}")

    def on_page_error(error: Error) -> None:
        problems.append(f"{page.url}: {error}")

    page.on("console", on_console)
    page.on("request", on_request)
    page.on("response", on_response)
    page.on("pageerror", on_page_error)


def accessibility_problems(page: Page) -> list[str]:
    """Return what axe finds on the page as it stands: the rules of WCAG 2.2 AA and its best practices."""
    page.wait_for_load_state()
    with inspecting(page) as evaluate:
        if not evaluate("'axe' in window"):
            source = AXE.read_text(encoding="utf-8")
            evaluate(source)
            if page not in _HAVE_AXE:  # handed over once: whatever the page goes to next has it, where scripts run
                page.add_init_script(source)
                _HAVE_AXE.add(page)
        found: list[str] = evaluate(f"({RUN_AXE})({json.dumps(AXE_RULES)})")
    return found


def expect_good(page: Page) -> None:
    """Expect a page that axe finds nothing on and that does not scroll sideways."""
    problems = accessibility_problems(page)
    assert not problems, (page.url, problems)
    with inspecting(page) as evaluate:
        assert evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


@contextmanager
def inspecting(page: Page) -> Iterator[Callable[[str], Any]]:
    """Yield a function that evaluates JavaScript in a page, also in one that was opened without scripts.

    There Playwright's own `evaluate` would wait for ever. Scripts are allowed for the meantime; the page's own,
    which were passed over when it was read, do not run.
    """
    session = page.context.new_cdp_session(page)

    def evaluate(expression: str) -> Any:
        answer = session.send(
            "Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True}
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def forbid_scripts(forbidden: bool) -> None:
        session.send("Emulation.setScriptExecutionDisabled", {"value": forbidden})

    without_scripts = evaluate("matchMedia('(scripting: none)').matches")
    if without_scripts:
        forbid_scripts(True)  # as it is; but only a change of what this session said has an effect
        forbid_scripts(False)
    yield evaluate
    if without_scripts:
        forbid_scripts(True)
    session.detach()
