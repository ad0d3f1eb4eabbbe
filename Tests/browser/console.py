#!/usr/bin/env python3
"""Walks the operators' console, the desk and the documentation in a real browser, against a running server: each page with each scope and without a
login, in Chinese and English, on a desk's screen and a phone's.

    python3 Tests/browser/console.py http://127.0.0.1:PORT --workspace hearth-demo --hearth .build/debug/hearth --account 01000045 --shots /tmp/shots

It makes its tokens in the server's workspace, and revokes them. It needs what `play.py` needs. A page that a scope should not open or that is refused
where it should be open, what axe-core finds serious, a request to another host, an error of the console, a page of more than 100 KB or wider than the
screen ends the walk with status 1.
"""
import argparse
import contextlib
import os

from playwright.sync_api import sync_playwright

import verdict
from pages import SCOPES, console_pages, opens
from tokens import Tokens
from verdict import check

parser = argparse.ArgumentParser()
parser.add_argument("address")
parser.add_argument("--workspace", required=True)
parser.add_argument("--hearth", required=True)
parser.add_argument("--account", required=True)
parser.add_argument("--shots", default="/tmp/shots", help="folder of pictures; none where empty")
parser.add_argument("--only", default="nobody," + ",".join(SCOPES) + ",docs,work", help="parts of the walk, with commas")
arguments = parser.parse_args()
if arguments.shots:
    os.makedirs(arguments.shots, exist_ok=True)
parts = arguments.only.split(",")
# Nothing is told of how a page came to be: neither a stack nor a type of the program.
TRACES = ["Fatal error", "Traceback", "0x0000", "HearthError"]


def look(page, name):
    verdict.look(page, name, arguments.shots)
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    check(width[0] <= width[1], f"{name}: no wider than the screen {width}")


def watch(page, name):
    page.on("console", lambda message: message.type == "error" and "status of 40" not in message.text and check(False, f"{name} console: {message.text[:200]}"))
    page.on("pageerror", lambda error: check(False, f"{name} error: {error}"))
    page.on("request", lambda request: request.url.startswith(arguments.address + "/") or check(False, f"{name} asks {request.url}"))


def visit(page, path, status, tag, name):
    """A page that must answer so, whole, in its language, and well to read."""
    answer = page.goto(arguments.address + path)
    check(answer.status == status, f"{path} is {answer.status}, as wanted: {status}")
    body = answer.body()
    check(len(body) <= 100_000, f"{path} has {len(body)} bytes")
    check(page.evaluate("document.documentElement.lang") == tag, f"{path} is in {tag}")
    check(len(page.inner_text("body").strip()) > 20, f"{path} is no blank page")
    check(not any(trace.encode() in body for trace in TRACES), f"{path} tells nothing of the program")
    look(page, name)


def log_in(page, path, token):
    """Comes in; where attempts are bounded, a little later."""
    for _ in range(30):
        page.goto(arguments.address + path)
        page.fill("#secret", token)
        page.click("button.send")
        page.wait_for_load_state()
        if page.locator("#secret").count() == 0:
            return
        page.wait_for_timeout(4000)
    check(False, f"a token comes in at {path}")


def walk_as(page, scopes, tag, name):
    """Each page of the console, as who has these scopes sees it."""
    for own, path in console_pages(arguments.account):
        is_open = bool(opens(path) & scopes)
        status = (404 if own == "unknown" else 200) if is_open else 403
        if not scopes and path == "/console":
            status = 200
        visit(page, path, status, tag, f"{name}-{own}")
        if not scopes:
            check(page.locator("#secret").count() == 1, f"{path} asks for a login")
        elif not is_open:
            check(page.locator("main [role=alert]").count() == 1, f"{path} says that the token does not allow it")


def walk_the_desk(page, is_in, tag, name):
    """The desk: what waits, and the first that waits."""
    visit(page, "/desk", 200, tag, f"{name}-desk")
    check((page.locator("#queue").count() == 1) == is_in, "the desk's list is there for who has come in")
    visit(page, "/desk/hand-off/999999", 404 if is_in else 403, tag, f"{name}-desk-unknown")
    page.goto(arguments.address + "/desk")
    if is_in and page.locator("#queue tbody td a").count():
        page.locator("#queue tbody td a").first.click()
        page.wait_for_load_state()
        look(page, f"{name}-desk-card")


def wait_for_a_person(browser):
    """A customer asks for a person: somebody waits at the desk, and there is a conversation."""
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(arguments.address + "/chat")
    for words in ["我家暖气漏水把地板泡了,要索赔", "转人工"]:
        count = page.locator("#log > li").count()
        page.fill("#words", words)
        page.press("#words", "Enter")
        page.wait_for_function("n => document.querySelectorAll('#log > li').length > n + 1", arg=count, timeout=30000)
    context.close()


def walk_the_docs(page, language, tag, name):
    """The documentation's pages: those that its first page names."""
    visit(page, f"/docs/{language}", 200, tag, f"{name}-docs")
    links = page.evaluate("[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
    names = sorted({link.split("#")[0] for link in links if link.startswith(f"/docs/{language}/")})
    check(len(names) >= 10, f"the documentation has {len(names)} pages")
    for path in names:
        visit(page, path, 200, tag, f"{name}-docs-{path.rsplit('/', 1)[1]}")
    visit(page, f"/docs/{language}/nothing", 404, tag, f"{name}-docs-nothing")


def wait_until_idle(page, path):
    """What goes on behind a page has come to its end."""
    for _ in range(120):
        page.goto(arguments.address + path)
        if page.locator("#live .busy").count() == 0:
            return
        page.wait_for_timeout(500)
    check(False, f"{path} came to an end")


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


def work(page, token, name):
    """What the pages do, one after the other, by who may do it all."""
    page.goto(arguments.address + "/console")
    look(page, f"{name}-login")
    page.fill("#secret", "hearth_wrong")
    with page.expect_response(lambda answer: answer.request.method == "POST") as refused:
        page.evaluate("document.querySelector('form.login').submit()")
    check(refused.value.status in (403, 429), "a wrong token is refused")
    page.wait_for_selector("[role=alert]")
    log_in(page, "/console", token)
    check(not page.evaluate("document.cookie"), "no cookie is a script's")
    page.goto(arguments.address + "/console/reconciliation/findings")
    page.click("tbody th a")
    page.wait_for_selector("dl")
    look(page, f"{name}-finding")
    for deed, words in [("check", "table"), ("preview", "h4"), ("plan", "table")]:
        page.goto(arguments.address + "/console/sources")
        page.locator(f"form:has(input[value={deed}]) button").first.click()
        wait_until_idle(page, "/console/sources")
        check(page.locator(f"#live {words}").count() > 0, f"{deed} came to something")
        look(page, f"{name}-{deed}")
    page.goto(arguments.address + "/console/runs/4")
    check("begins:" in page.inner_text("main") and "ends: success" in page.inner_text("main"), "a run has its log")
    page.goto(arguments.address + "/console/quarantine?code=match.unknownAccount")
    page.click("main form button.send")
    wait_until_idle(page, "/console/quarantine")
    check(page.locator("#live [role=status]").count() == 1, "what a replay of a cause came to is said")
    look(page, f"{name}-replayed")
    choose(page, name)
    decide_on_an_action(page, name)
    apply_a_mapping(page, name)
    page.goto(arguments.address + "/console/sources/mapping?stream=billing.charges")
    page.fill("#text", page.input_value("#text").replace("entity: charge", "entity: chagre"))
    page.click("button[value=check]")
    page.wait_for_selector("[role=alert] table")
    look(page, f"{name}-draft")
    page.goto(arguments.address + "/console/audit")
    page.click("main form button.send")
    wait_until_idle(page, "/console/audit")
    said = page.locator("#live").inner_text()
    check(page.locator("#live .well").count() == 1, f"nothing was altered {said[:300]!r}")
    look(page, f"{name}-verified")
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


@contextlib.contextmanager
def at(browser, name, language, size, login=None):
    context = browser.new_context(viewport=size, locale=language, storage_state=login)
    page = context.new_page()
    watch(page, name)
    yield page
    context.close()


def logins(browser, tokens):
    """The cookies of a login with each scope: one for all languages and screens, for attempts are bounded."""
    made = {}
    for scope in SCOPES:
        if scope not in parts:
            continue
        context = browser.new_context(locale="en-GB")
        page = context.new_page()
        log_in(page, "/console", tokens.make(scope))
        if scope == "desk":
            log_in(page, "/desk", tokens.made[-1]["token"])
        made[scope] = context.storage_state()
        context.close()
    return made


with sync_playwright() as playwright, contextlib.closing(Tokens(arguments.hearth, arguments.workspace, "walk")) as tokens:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    cookies = logins(browser, tokens)
    worker = tokens.make("assistant", "engineer", "auditor")
    wait_for_a_person(browser)
    for language, tag, docs in [("zh-CN", "zh-CN", "zh"), ("en-GB", "en", "en")]:
        for device, size in [("desk", {"width": 1280, "height": 900}), ("phone", {"width": 390, "height": 800})]:
            name = f"{tag}-{device}"
            print(f"{language} on a {device}")
            for who in ["nobody"] + list(cookies):
                if who not in parts:
                    continue
                print(f" {who}")
                with at(browser, f"{name}-{who}", language, size, cookies.get(who)) as page:
                    walk_as(page, {who} - {"nobody"}, tag, f"{name}-{who}")
                    walk_the_desk(page, who == "desk", tag, f"{name}-{who}")
            if "docs" in parts:
                with at(browser, name, language, size) as page:
                    walk_the_docs(page, docs, tag, name)
            if "work" in parts:
                with at(browser, name, language, size) as page:
                    work(page, worker, name)
    browser.close()

verdict.end()
