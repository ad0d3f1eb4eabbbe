#!/usr/bin/env python3
"""Plays the doors for customers in a real browser, against a running server: chat, kiosk, desk.

    python3 Tests/browser/play.py http://127.0.0.1:PORT --token DESK_TOKEN --account 01000045 --last-six 123456 --shots /tmp/shots

`hearth demo --live --keep` prints all of these. It needs Debian's chromium and fonts-noto-cjk, and the environment of
`Tests/tools/python-env.sh browser`. Each page is looked at by axe-core; what it finds serious ends the play with status 1.
"""
import argparse
import os

from playwright.sync_api import sync_playwright

import verdict
from verdict import check

parser = argparse.ArgumentParser()
parser.add_argument("address")
parser.add_argument("--token", required=True)
parser.add_argument("--account", required=True)
parser.add_argument("--last-six", required=True)
parser.add_argument("--shots", default="/tmp/shots")
parser.add_argument("--only", default="chat,plain,flows,kiosk,desk")
arguments = parser.parse_args()
os.makedirs(arguments.shots, exist_ok=True)
parts = arguments.only.split(",")


def look(page, name):
    verdict.look(page, name, arguments.shots)


def watch(page, name):
    page.on("console", lambda message: message.type == "error" and "INTERNET_DISCONNECTED" not in message.text and check(False, f"{name} console: {message.text[:200]}"))
    page.on("pageerror", lambda error: check(False, f"{name} error: {error}"))


def say(page, words):
    before = page.locator("#log > li").count()
    page.fill("#words", words)
    page.press("#words", "Enter")
    page.wait_for_function("n => document.querySelectorAll('#log > li').length > n + 1 || document.getElementById('note').textContent", arg=before, timeout=15000)
    return page.locator("#log > li").last.inner_text()


def answered(page, words):
    """Says something; all that is answered to it."""
    before = page.locator("#log > li").count()
    say(page, words)
    page.wait_for_timeout(200)
    return "\n".join(page.locator("#log > li").nth(at).inner_text() for at in range(before + 1, page.locator("#log > li").count()))


# Of each flow: what a customer says who has proved their account, and what stands in the last answer: of words with | between one of them.
FLOWS = {
    "pay": (["我要缴费"], ["还应缴", "去缴费"]),
    "bill_peers": (["为什么我家热费比别人高"], ["中位水平", "热费构成", "本户"]),
    "bill_previous": (["今年热费怎么比去年贵"], ["上一采暖期", "采暖期热费"]),
    "bill_wrong": (["你们热费算错了吧"], ["人工"]),
    "price": (["热费多少钱一平米"], ["计费面积", "看我家的账单"]),
    "shared_area": (["公摊面积是怎么算的"], ["公摊"]),
    "not_warm": (["家里不热", "都试过了还是不热", "直接报修"], ["受理编号|维修单"]),
    "order_progress": (["师傅到哪了"], ["改约或取消"]),
    "change": (["我想改约上门时间", "后天上午"], ["转人工给您改约"]),
    "report": (["我要报修,阀门坏了"], ["阀门故障|维修单|受理编号"]),
    "leak": (["暖气漏水了,地上全是水"], ["关", "阀门", "紧急维修单|师傅|维修单"]),
    "follow_up": (["修完了还是不热"], ["维修单"]),
    "suspend": (["我要报停"], ["报停", "销户"]),
    "resume": (["恢复供热怎么办"], ["还应缴", "开阀"]),
    "close": (["我要销户,以后都不用了"], ["销户申请表"]),
    "transfer": (["房子卖了怎么过户"], ["房产证"]),
    "invoice": (["怎么开发票"], ["发票"]),
    "payment_history": (["查一下我的缴费记录"], ["已入账"]),
    "receipts": (["缴了费没有凭证"], ["已入账", "还是不对"]),
    "cold_refund": (["不热能退费吗"], ["退费"]),
    "temperature": (["查一下我家的室温"], ["18 度"]),
    "outage_notice": (["今天是不是停热了"], ["停热通知"]),
    "season": (["什么时候开始供暖,什么时候结束"], ["11 月 15 日"]),
    "deadline": (["缴费截止到哪天,有滞纳金吗"], ["缴费截止日"]),
    "number": (["我的户号是多少"], [arguments.account]),
    "opt_out": (["别再给我发催费短信了", "不再提醒"], ["不再给您家发提醒"]),
    "compensation": (["漏水把地板泡了,要索赔"], ["赔偿"]),
    "complaint": (["我要投诉你们"], ["转给人工"]),
    "human": (["转人工"], ["已给您转人工"]),
    "feedback": (["我要评价"], ["帮到您了吗"]),
    "elderly": (["我年纪大了,说慢点"], ["慢慢说"]),
}


def flows(browser):
    for name, (said, told) in FLOWS.items():
        context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
        page = context.new_page()
        watch(page, name)
        page.goto(arguments.address + "/chat")
        for words in ["绑定户号", arguments.account, arguments.last_six]:
            bound = answered(page, words)
        check("绑定好了" in bound, f"{name}: bound")
        for words in said:
            answer = answered(page, words)
            print(f"  我:{words}\n  →  {answer!r}")
        check(bool(answer) and all(any(one in answer for one in words.split("|")) for words in told), f"{name}: {told}")
        look(page, f"flow-{name}")
        context.close()


def chat(browser, size, name, dialogues):
    context = browser.new_context(viewport=size, locale="zh-CN")
    page = context.new_page()
    watch(page, name)
    page.goto(arguments.address + "/chat")
    look(page, f"{name}-0-first")
    for index, words in enumerate(dialogues, 1):
        print(f"  我:{words}\n  →  {say(page, words)[:300]!r}")
        look(page, f"{name}-{index}")
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    check(width <= 0, f"{name}: nothing is wider than the screen")
    page.click("text=大字版")
    look(page, f"{name}-large")
    check(page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 24, f"{name}: large print is large")
    # By keyboard alone.
    page.keyboard.press("Tab")
    check(page.evaluate("document.activeElement.textContent").startswith("跳到输入框"), f"{name}: the keyboard leads to the field")
    page.reload()
    check(page.locator("#log > li").count() > 1, f"{name}: what was said is there after a reload")
    context.close()


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--mute-audio"])
    if "chat" in parts:
        print("chat, desktop")
        chat(browser, {"width": 1200, "height": 800}, "chat", ["怎么缴费", "为什么我家热费比别人高", arguments.account, arguments.last_six, "家里不热怎么办", "都试过了还是不热"])
        print("chat, phone")
        chat(browser, {"width": 375, "height": 740}, "phone", ["报停需要什么手续", "暖气片不热", "都试过了还是不热", "转人工"])
    if "plain" in parts:
        print("chat without a script")
        context = browser.new_context(java_script_enabled=False, locale="zh-CN")
        page = context.new_page()
        page.goto(arguments.address + "/chat")
        page.fill("#words", "怎么缴费")
        page.click("text=发送")
        check(page.locator("#log > li").count() >= 3, "plain: said and answered by a form")
        page.screenshot(path=f"{arguments.shots}/plain.png", full_page=True)
        context.close()
    if "flows" in parts:
        print("each flow")
        flows(browser)
    if "kiosk" in parts:
        print("kiosk")
        context = browser.new_context(viewport={"width": 1080, "height": 1300}, locale="zh-CN")
        page = context.new_page()
        watch(page, "kiosk")
        page.clock.install()
        page.goto(arguments.address + "/kiosk")
        look(page, "kiosk-0-first")
        sizes = page.evaluate("[...document.querySelectorAll('p,button,label')].map(e => parseFloat(getComputedStyle(e).fontSize))")
        check(min(sizes) >= 28, "kiosk: nothing below 28 px")
        page.click(".big button:has-text('缴费')")
        page.wait_for_selector("#digits", timeout=15000)
        look(page, "kiosk-1-pad")
        for digit in arguments.account:
            page.click(f"[data-digit='{digit}']")
        check(page.input_value("#digits") == arguments.account, "kiosk: the pad writes")
        page.keyboard.press("#")
        page.wait_for_function("n => document.getElementById('digits')?.value !== n", arg=arguments.account, timeout=15000)
        look(page, "kiosk-2-answer")
        if page.locator("#digits").count():
            for digit in arguments.last_six:
                page.click(f"[data-digit='{digit}']")
            page.click(".done")
            page.wait_for_selector(".told", timeout=15000)
            page.wait_for_timeout(500)
            look(page, "kiosk-3-answer")
        text = page.inner_text("main")
        context.set_offline(True)
        page.clock.fast_forward(61_000)
        page.wait_for_selector(".big button", timeout=5000)
        left = page.content()
        check(arguments.account not in left and page.inner_text("main") != text and "元" not in page.inner_text("main"), "kiosk: nothing of the customer is left after a minute, without a network")
        look(page, "kiosk-4-cleared")
        context.set_offline(False)
        page.goto("about:blank")
        page.go_back()
        check(arguments.account not in page.content() and page.locator(".big button").count() == 3, "kiosk: going back shows nothing")
        context.close()
    if "desk" in parts:
        print("desk")
        customer = browser.new_context(locale="zh-CN").new_page()
        customer.goto(arguments.address + "/chat")
        say(customer, "我家暖气漏水把地板泡了,要索赔")
        say(customer, "转人工")
        look(customer, "desk-0-customer")
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
        page = context.new_page()
        watch(page, "desk")
        page.goto(arguments.address + "/desk")
        look(page, "desk-1-login")
        page.fill("#secret", arguments.token)
        page.fill("#agent", "zuoxi-3")
        page.click("button.send")
        page.wait_for_selector("#queue", timeout=15000)
        look(page, "desk-2-queue")
        page.locator("#queue tbody tr.waiting td a").last.click()
        look(page, "desk-3-card")
        page.click("text=接手")
        page.wait_for_selector("textarea", timeout=15000)
        page.fill("textarea", "您好,我是人工客服,地板的事我来跟进。")
        page.click("text=发送")
        page.wait_for_load_state()
        look(page, "desk-4-mine")
        customer.wait_for_selector("li.person", timeout=20000)
        check("我来跟进" in customer.inner_text("#log"), "desk: the customer sees what the person says")
        look(customer, "desk-5-customer")
        page.select_option("#outcome", "followUp")
        page.click("button:has-text('结束')")
        page.wait_for_url(arguments.address + "/desk")
        look(page, "desk-6-closed")
        page.set_viewport_size({"width": 390, "height": 800})
        look(page, "desk-7-phone")
        context.close()
    browser.close()

verdict.end()
