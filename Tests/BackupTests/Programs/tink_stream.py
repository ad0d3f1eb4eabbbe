"""Opens and seals files as Tink does: `tink_stream.py open|seal KEYFILE NAME FROM TO`."""
import base64
import json
import sys

import tink
from tink import secret_key_access, streaming_aead

verb, key_path, name, source, target = sys.argv[1:]
streaming_aead.register()


def varint(number):
    out = b""
    while True:
        low, number = number & 0x7F, number >> 7
        out += bytes([low | (0x80 if number else 0)])
        if not number:
            return out


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


with open(key_path, "rb") as file:
    secret = file.read()
SHA256 = 3
parameters = field(1, 1 << 20) + field(2, 32) + field(3, SHA256)
key = field(2, parameters) + field(3, secret)
keyset = {
    "primaryKeyId": 1,
    "key": [{
        "keyData": {
            "typeUrl": "type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey",
            "value": base64.b64encode(key).decode(),
            "keyMaterialType": "SYMMETRIC",
        },
        "status": "ENABLED", "keyId": 1, "outputPrefixType": "RAW",
    }],
}
handle = tink.json_proto_keyset_format.parse(json.dumps(keyset), secret_key_access.TOKEN)
primitive = handle.primitive(streaming_aead.StreamingAead)
with open(source, "rb") as read, open(target, "wb") as write:
    if verb == "open":
        with primitive.new_decrypting_stream(read, name.encode()) as stream:
            write.write(stream.read())
    else:
        with primitive.new_encrypting_stream(write, name.encode()) as stream:
            stream.write(read.read())
