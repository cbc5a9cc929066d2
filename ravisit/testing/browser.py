"""Pages in a real browser: what goes wrong in them, and what axe finds."""

from pathlib import Path

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
    if not page.evaluate("'axe' in window"):
        source = AXE.read_text(encoding="utf-8")
        page.evaluate(source)
        page.add_init_script(source)  # handed over once: whatever the page goes to next has it
    found: list[str] = page.evaluate(RUN_AXE, AXE_RULES)
    return found
