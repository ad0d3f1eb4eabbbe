#!/usr/bin/env python3
"""Walks the operators' console in a real browser, against a running server: each page in Chinese and English, on a desk's screen and a phone's.

    python3 Tests/browser/console.py http://127.0.0.1:PORT --token TOKEN --account 01000045 --shots /tmp/shots

The token has the scopes assistant, engineer and auditor. It needs what `play.py` needs. What axe-core finds serious, a request to another host, an
error of the console, a page of more than 100 KB or wider than the screen ends the walk with status 1.
"""
import argparse
import os
import sys

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

parser = argparse.ArgumentParser()
parser.add_argument("address")
parser.add_argument("--token", required=True)
parser.add_argument("--account", required=True)
parser.add_argument("--shots", default="/tmp/shots")
arguments = parser.parse_args()
os.makedirs(arguments.shots, exist_ok=True)
failures = []


def check(is_true, what):
    print(f"  {'ok  ' if is_true else 'FAIL'} {what}")
    if not is_true:
        failures.append(what)


def look(page, name):
    page.screenshot(path=f"{arguments.shots}/{name}.png", full_page=True)
    for finding in Axe().run(page).response["violations"]:
        nodes = "; ".join(node["html"][:140] for node in finding["nodes"][:2])
        print(f"  axe {name}: {finding['impact']} {finding['id']}: {nodes}")
        if finding["impact"] in ("serious", "critical"):
            failures.append(f"{name}: {finding['id']}")
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    check(width[0] <= width[1], f"{name}: no wider than the screen {width}")


def watch(page, name):
    page.on("console", lambda message: message.type == "error" and "status of 40" not in message.text and check(False, f"{name} console: {message.text[:200]}"))
    page.on("pageerror", lambda error: check(False, f"{name} error: {error}"))
    page.on("request", lambda request: request.url.startswith(arguments.address + "/") or check(False, f"{name} asks {request.url}"))


def wait_until_idle(page, path):
    """What goes on behind a page has come to its end."""
    for _ in range(120):
        page.goto(arguments.address + path)
        if page.locator("#live .busy").count() == 0:
            return
        page.wait_for_timeout(500)
    check(False, f"{path} came to an end")


def pages(page):
    """The pages, by the names of their pictures."""
    yield "today", "/console"
    yield "runs", "/console/runs"
    yield "run", "/console/runs/4"
    yield "quarantine", "/console/quarantine"
    yield "entry", "/console/quarantine/2"
    yield "account", f"/console/account?number={arguments.account}"
    yield "previous", f"/console/account?number={arguments.account}&versus=previous"
    yield "trace", f"/console/trace?number={arguments.account}&field=area_building"
    yield "history", f"/console/history?number={arguments.account}"
    yield "cause", "/console/quarantine?code=match.unknownAccount"
    yield "reconciliation", "/console/reconciliation"
    yield "findings", "/console/reconciliation/findings"
    yield "compare", "/console/reconciliation/compare?before=.&after=."
    yield "actions", "/console/actions"
    yield "notices", "/console/notices?state=all"
    yield "audit", "/console/audit"
    yield "sources", "/console/sources"
    yield "mapping", "/console/sources/mapping?stream=billing.charges"
    yield "access", "/console/access"
    yield "unknown", "/console/account?number=0"


def choose(page, name):
    """An entry that could be of several accounts, where one is left, is given to the first of them."""
    for entry in range(1, 80):
        page.goto(arguments.address + f"/console/quarantine/{entry}")
        if page.locator("input[name=account]").count():
            break
    else:
        return print("  --   no entry is left of which an account could be chosen")
    look(page, f"{name}-choose")
    page.locator("input[name=account]").first.check()
    page.fill("#reason", "walked")
    page.click("form:has(input[value=choose]) button")
    page.wait_for_load_state()
    check(page.locator("main [role=alert]").count() + page.locator("dl").count() > 0, "what came of the choice is said")
    look(page, f"{name}-chosen")


def decide_on_an_action(page, name):
    """An action that is not settled, where there is one, is tried again; a second sending of the same page changes nothing."""
    page.goto(arguments.address + "/console/actions?state=open")
    if page.locator("tbody a[href*='action=']").count() == 0:
        return print("  --   no action is open")
    page.locator("tbody a[href*='action=']").first.click()
    page.wait_for_selector("dl")
    look(page, f"{name}-action")
    if page.locator("form:has(input[value=retry])").count() == 0:
        return print("  --   the action has been settled meanwhile")
    page.fill("#reason", "walked")
    page.click("form:has(input[value=drop]) button")
    page.wait_for_load_state()
    look(page, f"{name}-dropped")


def apply_a_mapping(page, name):
    """A comment more is planned and applied, where the server allows it."""
    page.goto(arguments.address + "/console/sources/mapping?stream=billing.charges")
    page.fill("#text", "# " + name + "\n" + page.input_value("#text"))
    page.click("button[value=plan]")
    wait_until_idle(page, "/console/sources")
    look(page, f"{name}-planned")
    if page.locator("form:has(input[value=apply])").count() == 0:
        return print("  --   the server applies no mappings")
    page.click("form:has(input[value=apply]) button")
    page.wait_for_selector("#text")
    check("# " + name in page.input_value("#text"), "the draft is the file now")
    check(page.locator("[role=status].note").count() == 1, "the page says that the server is to be started again")
    look(page, f"{name}-applied")


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    for language, tag in [("zh-CN", "zh-CN"), ("en-GB", "en")]:
        for device, size in [("desk", {"width": 1280, "height": 900}), ("phone", {"width": 390, "height": 800})]:
            print(f"{language} on a {device}")
            context = browser.new_context(viewport=size, locale=language)
            page = context.new_page()
            watch(page, f"{tag}-{device}")
            page.goto(arguments.address + "/console")
            look(page, f"{tag}-{device}-login")
            page.fill("#secret", "hearth_wrong")
            with page.expect_response(lambda answer: answer.request.method == "POST") as refused:
                page.evaluate("document.querySelector('form.login').submit()")
            check(refused.value.status == 403, "a wrong token is refused")
            page.wait_for_selector("[role=alert]")
            page.fill("#secret", arguments.token)
            page.click("button.send")
            page.wait_for_selector("nav")
            check(not page.evaluate("document.cookie"), "no cookie is a script's")
            for name, path in pages(page):
                answer = page.goto(arguments.address + path)
                check(answer.status == (404 if name == "unknown" else 200), f"{path} is {answer.status}")
                check(len(answer.body()) <= 100_000, f"{path} has {len(answer.body())} bytes")
                check(page.evaluate("document.documentElement.lang") == tag, f"{path} is in {tag}")
                look(page, f"{tag}-{device}-{name}")
            page.goto(arguments.address + "/console/reconciliation/findings")
            page.click("tbody th a")
            page.wait_for_selector("dl")
            look(page, f"{tag}-{device}-finding")
            for deed, words in [("check", "table"), ("preview", "h4"), ("plan", "table")]:
                page.goto(arguments.address + "/console/sources")
                page.locator(f"form:has(input[value={deed}]) button").first.click()
                wait_until_idle(page, "/console/sources")
                check(page.locator(f"#live {words}").count() > 0, f"{deed} came to something")
                look(page, f"{tag}-{device}-{deed}")
            page.goto(arguments.address + "/console/runs/4")
            check("begins:" in page.inner_text("main") and "ends: success" in page.inner_text("main"), "a run has its log")
            page.goto(arguments.address + "/console/quarantine?code=match.unknownAccount")
            page.click("main form button.send")
            wait_until_idle(page, "/console/quarantine")
            check(page.locator("#live [role=status]").count() == 1, "what a replay of a cause came to is said")
            look(page, f"{tag}-{device}-replayed")
            choose(page, f"{tag}-{device}")
            decide_on_an_action(page, f"{tag}-{device}")
            apply_a_mapping(page, f"{tag}-{device}")
            page.goto(arguments.address + "/console/sources/mapping?stream=billing.charges")
            page.fill("#text", page.input_value("#text").replace("entity: charge", "entity: chagre"))
            page.click("button[value=check]")
            page.wait_for_selector("[role=alert] table")
            look(page, f"{tag}-{device}-draft")
            page.goto(arguments.address + "/console/audit")
            page.click("main form button.send")
            wait_until_idle(page, "/console/audit")
            verdict = page.locator("#live").inner_text()
            check(page.locator("#live .well").count() == 1, f"nothing was altered {verdict[:300]!r}")
            look(page, f"{tag}-{device}-verified")
            page.goto(arguments.address + "/console/account")
            page.fill("#wanted", arguments.account)
            page.press("#wanted", "Enter")
            page.wait_for_url(f"**/console/account?number={arguments.account}")
            check(page.locator("svg.fall").count() > 1, "the bill stands as a waterfall")
            page.click("a[href*='field=area_building']")
            page.wait_for_selector("section")
            check("billing.accounts" in page.inner_text("main"), "a value leads to its source row")
            page.click("header button")
            page.wait_for_selector("#secret")
            check(page.goto(arguments.address + "/console/runs").status == 403, "who has left sees nothing more")
            context.close()
    browser.close()

if failures:
    print("FAILED:\n" + "\n".join(failures))
    sys.exit(1)
print("all well")
