"""Calls every tool with the official MCP client and compares each result with the REST answer.

usage: mcp_client.py http|stdio ADDRESS TOKEN ACCOUNT HEARTH CONFIG
"""
import asyncio, json, sys, urllib.parse, urllib.request

import httpx2
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

transport, address, token, account, hearth, config = sys.argv[1:7]


def rest(path):
    request = urllib.request.Request(address + path, headers={"Authorization": f"Bearer {token}"})
    return json.load(urllib.request.urlopen(request))


def same(tool, result, path, moving=()):
    assert not result.is_error, (tool, result)
    expected, found = rest(path), dict(result.structured_content)
    for key in moving:
        expected.pop(key, None), found.pop(key, None)
    assert found == expected, (tool, found, expected)
    assert result.content[0].type == "text" and len(result.content[0].text) > 10, (tool, result.content)


async def check(client):
    tools = (await client.list_tools()).tools
    assert [tool.name for tool in tools] == [
        "account_context", "work_orders", "trace_field", "account_history", "explain_bill", "amount_due", "payments",
        "refund_for_cold", "suspension_cost", "triage_cold_home", "find_account", "verify_binding", "data_freshness",
        "work_order_request", "account_notices", "events", "conversation", "report_fault", "report_fault_at_address",
        "open_conversation", "add_turn", "hand_off_conversation", "give_feedback", "answer_follow_up", "notice_opt_out",
        "request_suspension",
    ], tools
    assert all(tool.input_schema["additionalProperties"] is False for tool in tools)

    own = f"/v1/accounts/{account}"
    mine = {"account_number": account}
    same("account_context", await client.call_tool("account_context", mine), own)
    same("work_orders", await client.call_tool("work_orders", mine), own + "/work-orders")
    same("explain_bill", await client.call_tool("explain_bill", mine), own + "/bills/latest/explanation")
    told = await client.call_tool("explain_bill", {**mine, "season": "2025-2026", "versus": "previous", "lang": "en"})
    same("explain_bill", told, own + "/bills/2025-2026/explanation?versus=previous&lang=en")
    assert "yuan" in told.content[0].text or "bill" in told.content[0].text, told.content
    same("amount_due", await client.call_tool("amount_due", mine), own + "/amount-due")
    same("suspension_cost", await client.call_tool("suspension_cost", mine), own + "/suspension")
    day = {**mine, "on": "2026-01-20"}
    same("amount_due", await client.call_tool("amount_due", day), own + "/amount-due?on=2026-01-20")
    same("suspension_cost", await client.call_tool("suspension_cost", day), own + "/suspension?on=2026-01-20")
    fresh = await client.call_tool("data_freshness", {})
    assert [stream["records"] for stream in fresh.structured_content["streams"]] == [
        stream["records"] for stream in rest("/v1/freshness")["streams"]
    ]
    facts = rest(own)["facts"]
    said = f"{facts['community']}{facts['building']}号楼"
    same("find_account", await client.call_tool("find_account", {"address": said}),
         "/v1/addresses?q=" + urllib.parse.quote(said))

    unknown = await client.call_tool("account_context", {"account_number": "99999999"})
    assert unknown.is_error and unknown.structured_content["type"].endswith(":unknown-account"), unknown
    assert unknown.structured_content["parameter"] == "account_number", unknown
    for arguments in ({}, {"account_number": 1}, {**mine, "colour": "red"}, {**mine, "versus": "x"}):
        wrong = await client.call_tool("explain_bill", arguments)
        assert wrong.is_error and wrong.structured_content["type"].endswith(":invalid-parameter"), wrong
    try:
        answer = await client.call_tool("no_such_tool", {})
        raise AssertionError(answer)
    except MCPError as error:
        assert error.code == -32602 and "no_such_tool" in error.message, error


async def main():
    if transport == "stdio":
        server = StdioServerParameters(command=hearth, args=["mcp", "--config", config])
        async with Client(server) as client:
            await check(client)
    else:
        try:
            async with Client(address + "/mcp") as client:
                await client.list_tools()
            raise AssertionError("no token was asked for")
        except AssertionError:
            raise
        except BaseException:
            pass
        async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as http:
            async with Client(streamable_http_client(address + "/mcp", http_client=http)) as client:
                await check(client)
    print("all is well")


asyncio.run(main())
