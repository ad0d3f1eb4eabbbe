"""Answers HTTP requests wrongly, byte by byte: what it does is said by the path. Prints its port, ends with its standard input."""
import collections, gzip, os, socket, sys, threading, time

ENV = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:d="urn:d"><s:Body>'
END = '</s:Body></s:Envelope>'
FAULT = ENV + '<s:Fault><faultcode>s:Server.Busy</faultcode><faultstring>not now\n</faultstring><detail><d:who>张三</d:who></detail></s:Fault>' + END
FAULT12 = ('<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode>'
           '<e:Value>m:BadToken</e:Value></e:Subcode></e:Code><e:Reason><e:Text xml:lang="en">wrong</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>')
seen, lock = collections.Counter(), threading.Lock()


def rows(first, last):
    return ''.join('<d:R id="%d"><d:V>值%d</d:V></d:R>\n' % (i, i) for i in range(first, last + 1))


def good(n=3):
    return (ENV + '<d:L>' + rows(1, n) + '</d:L>' + END).encode()


def head(status, body, kind='text/xml; charset=utf-8', length=None, more=''):
    return ('HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n%s\r\n' % (
        status, kind, len(body) if length is None else length, more)).encode() + body


def answer(path, conn):
    name, _, argument = path.strip('/').partition('/')
    with lock:
        seen[path] += 1
        time_no = seen[path]
    if name == 'good': return head('200 OK', good())
    if name == 'fault200': return head('200 OK', FAULT.encode())
    if name == 'fault500': return head('500 Internal Server Error', FAULT.encode())
    if name == 'fault12': return head('400 Bad Request', FAULT12.encode(), 'application/soap+xml')
    if name == 'html500': return head('500 Internal Server Error', b'<html><body>Stack trace: customer 1</body>', 'text/html')
    if name == 'xml500': return head('500 Internal Server Error', b'<error>no</error>')
    if name == 'html200': return head('200 OK', b'<!DOCTYPE html>\n<html><body>Please log in</body></html>', 'text/html')
    if name == 'text200': return head('200 OK', b'Service is up', 'text/plain')
    if name == 'other200': return head('200 OK', b'<feed xmlns="urn:x"><a/></feed>')
    if name == 'redirect': return head('302 Found', b'', more='Location: /good\r\n')
    if name == 'refused': return head('403 Forbidden', b'no', 'text/plain')
    if name == 'empty': return head('200 OK', b'')
    if name == 'nothing': return b''
    if name == 'cut': return head('200 OK', good(2000)[:60000], length=len(good(2000)))
    if name == 'short': return head('200 OK', good(2000)[:60000])
    if name == 'long': return head('200 OK', good(), length=len(good()) + 100)
    if name == 'chunkcut':
        part = good(500)[:9000]
        return b'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n' % len(part) + part + b'\r\n'
    if name == 'badgzip':
        return head('200 OK', gzip.compress(good(200))[:-60], more='Content-Encoding: gzip\r\n')
    if name == 'slow':
        conn.sendall(head('200 OK', good()[:100], length=len(good())))
        time.sleep(float(argument or 20))
        return b''
    if name == 'silent':
        time.sleep(float(argument or 20))
        return b''
    if name == 'busy':
        if time_no <= 2: return head('503 Service Unavailable', b'wait', 'text/plain', more='Retry-After: 0\r\n')
        return head('200 OK', good())
    if name == 'cutonce':
        if time_no == 1: return head('200 OK', good(2000)[:60000], length=len(good(2000)))
        return head('200 OK', good(2000))
    if name == 'dtd': return head('200 OK', b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + good())
    if name == 'gb':
        text = '<?xml version="1.0" encoding="gb2312"?>' + ENV + '<d:L><d:R id="1"><d:V>镕\u4dae𠮷</d:V></d:R></d:L>' + END
        return head('200 OK', text.encode('gb18030'), 'text/xml')
    if name == 'gbheader':
        text = '<?xml version="1.0" encoding="utf-8"?>' + ENV + '<d:L><d:R id="1"><d:V>热费</d:V></d:R></d:L>' + END
        return head('200 OK', text.encode('gbk'), 'text/xml; charset=GBK')
    return head('404 Not Found', b'no', 'text/plain')


def serve(conn):
    with conn:
        try:
            data = b''
            while b'\r\n\r\n' not in data:
                data += conn.recv(65536)
                if data[:1] == b'\x16':
                    return conn.sendall(head('400 Bad Request', b'TLS is not spoken here', 'text/plain'))
            headers, _, body = data.partition(b'\r\n\r\n')
            length = [int(l.split(b':')[1]) for l in headers.split(b'\r\n') if l.lower().startswith(b'content-length')]
            while length and len(body) < length[0]:
                body += conn.recv(65536)
            conn.sendall(answer(headers.split(b' ')[1].decode(), conn))
            conn.shutdown(socket.SHUT_WR)
        except OSError:
            pass


listener = socket.create_server(('127.0.0.1', 0), backlog=64)
print(listener.getsockname()[1], flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
