"""What WeChat's side does, by wechatpy's own cryptography: reads lines of JSON, writes lines of JSON."""
import json
import sys

from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

for line in sys.stdin:
    job = json.loads(line)
    try:
        if job["do"] == "encrypt":
            crypto = WeChatCrypto(job["token"], job["key"], job["appid"])
            xml = crypto.encrypt_message(job["text"], job["nonce"], job["timestamp"])
            answer = {"xml": xml}
        elif job["do"] == "decrypt":
            crypto = WeChatCrypto(job["token"], job["key"], job["appid"])
            text = crypto.decrypt_message(job["xml"], job["signature"], job["timestamp"], job["nonce"])
            answer = {"text": text if isinstance(text, str) else text.decode()}
        else:
            check_signature(job["token"], job["signature"], job["timestamp"], job["nonce"])
            answer = {"ok": True}
    except Exception as error:  # The other side says what it does not take.
        answer = {"error": type(error).__name__}
    print(json.dumps(answer), flush=True)
