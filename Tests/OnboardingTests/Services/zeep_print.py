"""Prints, as JSON, what zeep reads in a service description: ports, operations, and each text in their messages with its built-in type."""

import json
import sys

from zeep import Client, Settings
from zeep.xsd import Any, ComplexType, Element
from zeep.xsd.elements.attribute import Attribute


NS_XSD = "http://www.w3.org/2001/XMLSchema"


def builtin(simple):
    for kind in type(simple).__mro__:
        name = getattr(kind, "_default_qname", None)
        if name is not None and name.namespace == NS_XSD:
            return "xs:" + name.localname
    return "xs:anyType"


def step(name):
    namespace, local = (name.namespace or "", name.localname)
    return "{%s}%s" % (namespace, local)


def leaves(element, path, stack, found):
    path = path + [step(element.qname)]
    kind = element.type
    if not isinstance(kind, ComplexType):
        found.add(("/".join(path), builtin(kind)))
        return
    if type(kind) in stack:
        return
    stack = stack + [type(kind)]
    for _, attribute in kind.attributes:
        if isinstance(attribute, Attribute):
            found.add(("/".join(path + ["@" + step(attribute.qname)]), builtin(attribute.type)))
    for name, child in kind.elements:
        if isinstance(child, Any):
            continue
        if isinstance(child, Element) and child.qname.localname == "_value_1":
            found.add(("/".join(path), builtin(child.type)))
        elif isinstance(child, Element):
            leaves(child, path, stack, found)


def message(part):
    body = getattr(part, "body", None)
    found = set()
    if body is not None and getattr(body, "qname", None) is not None:
        leaves(body, [], [], found)
    return sorted([list(pair) for pair in found])


client = Client(sys.argv[1], settings=Settings(strict=False))
ports = []
for service in client.wsdl.services.values():
    for port in service.ports.values():
        operations = []
        for operation in port.binding._operations.values():
            operations.append(
                {
                    "name": operation.name,
                    "action": operation.soapaction or "",
                    "style": operation.style,
                    "input": message(operation.input),
                    "output": message(operation.output) if operation.output else [],
                }
            )
        ports.append(
            {
                "name": port.name,
                "address": port.binding_options["address"],
                "version": "1.2" if "soap12" in str(type(port.binding)).lower() else "1.1",
                "operations": sorted(operations, key=lambda o: o["name"]),
            }
        )
print(json.dumps(ports, ensure_ascii=False, sort_keys=True))
