"""A dispatch system's SOAP service, by Spyne: not our code on the other end of the wire.

With a certificate, its key and an authority as arguments it speaks TLS and wants a client certificate of that authority; a fourth
argument is the loopback address to listen at.
Prints its port, serves until its standard input closes. Paths: /11 and /12 plain, /wsse and /wsse12 with a UsernameToken that is
checked here, /basic with HTTP basic authentication, /fault200 with faults under status 200, /cut without the last third of an
answer, /dying/2 where the process ends in the middle of the second answer. Answers are compressed where the client accepts it.
"""
import base64, datetime, gzip, hashlib, os, ssl, sys, threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from spyne import Application, Fault, Integer, Integer32, ServiceBase, Unicode, rpc
from spyne.model.complex import ComplexModel, XmlAttribute
from spyne.protocol.soap import Soap11, Soap12
from spyne.server.wsgi import WsgiApplication

NS = 'http://dispatch.example.com/ws/2026'
USER, PASSWORD = 'hearth', 'pa<ss&wörd'
KINDS = ['报修', '测温', '停供', '复供']


class Engineer(ComplexModel):
    __namespace__ = NS
    no = XmlAttribute(Unicode)
    Name = Unicode


class Event(ComplexModel):
    __namespace__ = NS
    seq = XmlAttribute(Unicode)
    State = Unicode
    At = Unicode


class WorkOrder(ComplexModel):
    __namespace__ = NS
    id = XmlAttribute(Unicode)
    AccountNo = Unicode
    Type = Unicode
    UpdatedAt = Unicode
    Engineer = Engineer
    Address = Unicode(nillable=True, min_occurs=1)
    Remark = Unicode
    Events = Event.customize(max_occurs='unbounded')


class Result(ComplexModel):
    __namespace__ = NS
    total = XmlAttribute(Integer)
    HasMore = Unicode
    NextToken = Unicode
    WorkOrder = WorkOrder.customize(max_occurs='unbounded')


def order(i):
    at = datetime.datetime(2026, 11, 1) + datetime.timedelta(hours=i)
    return WorkOrder(
        id='WO%04d' % i, AccountNo='%08d' % (i * 7919 % 1000), Type=KINDS[i % 4],
        UpdatedAt=at.strftime('%Y-%m-%dT%H:%M:%S+08:00'),
        Engineer=None if i % 5 == 0 else Engineer(no=str(i % 7), Name='工程师<%d>&' % (i % 7)),
        Address=None if i % 3 == 0 else '阳光花园%d号楼 "A"' % i, Remark='' if i % 2 else None,
        Events=[Event(seq=str(n), State='S%d' % n, At=at.strftime('%Y-%m-%dT%H:%M:%S+08:00')) for n in range(i % 3)])


ORDERS = [order(i) for i in range(1, 26)]


def slice_of(orders, offset, size):
    part = orders[offset:offset + size]
    more = offset + size < len(orders)
    return Result(total=len(part), HasMore='true' if more else 'false', NextToken=str(offset + size) if more else None, WorkOrder=part)


class Dispatch(ServiceBase):
    @rpc(_returns=Result)
    def AllWorkOrders(ctx):
        return slice_of(ORDERS, 0, len(ORDERS))

    @rpc(Unicode, Integer32, Integer32, _returns=Result)
    def WorkOrdersByPage(ctx, since, page, size):
        return slice_of([o for o in ORDERS if not since or o.UpdatedAt >= since], (page - 1) * size, size)

    @rpc(Unicode, Integer32, _returns=Result)
    def WorkOrdersByToken(ctx, token, size):
        return slice_of(ORDERS, int(token) if token else 0, size)

    @rpc(Unicode, Unicode, _returns=Result)
    def WorkOrdersByWindow(ctx, start, end):
        part = [o for o in ORDERS if start <= o.UpdatedAt < end]
        return slice_of(part, 0, len(part))

    @rpc(_returns=Result)
    def NoWorkOrders(ctx):
        return slice_of([], 0, 1)

    @rpc(Unicode, Integer32, _returns=Result)
    def BusyWorkOrders(ctx, key, times):
        with lock:
            busy[key] = busy.get(key, 0) + 1
            if busy[key] <= times:
                raise Fault('Server.Busy', 'try again')
        return slice_of(ORDERS, 0, len(ORDERS))

    @rpc(Unicode, _returns=Result)
    def Refuse(ctx, why):
        raise Fault('Client.NoSuchThing', 'nothing of the kind: ' + why, detail={'customer': '张三'})


WSSE = '{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}'
WSU = '{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}'
seen, busy, asked, lock = set(), {}, [0], threading.Lock()


def check_token(ctx, code='wsse:FailedAuthentication'):
    """OASIS UsernameToken profile 1.0, as a server that means it."""
    refuse = lambda why: (_ for _ in ()).throw(Fault(code, why))
    headers = ctx.in_header_doc
    tokens = [t for h in (headers if headers is not None else []) for t in h.iter(WSSE + 'UsernameToken')]
    if len(tokens) != 1:
        refuse('one UsernameToken is wanted')
    token = tokens[0]
    password = token.find(WSSE + 'Password')
    created = token.findtext(WSU + 'Created')
    nonce = base64.b64decode(token.findtext(WSSE + 'Nonce'), validate=True)
    at = datetime.datetime.strptime(created, '%Y-%m-%dT%H:%M:%SZ').replace(tzinfo=datetime.timezone.utc)
    if abs((datetime.datetime.now(datetime.timezone.utc) - at).total_seconds()) > 300:
        refuse('the token is stale')
    with lock:
        if nonce in seen or len(nonce) < 16:
            refuse('the nonce was used before')
        seen.add(nonce)
    if password.get('Type').endswith('#PasswordDigest'):
        wanted = base64.b64encode(hashlib.sha1(nonce + created.encode() + PASSWORD.encode()).digest()).decode()
    else:
        wanted = PASSWORD
    if token.findtext(WSSE + 'Username') != USER or password.text != wanted:
        refuse('user or password is wrong')


def application(protocol, check=None):
    app = Application([Dispatch], NS, name='Dispatch', in_protocol=protocol(validator='lxml'), out_protocol=protocol())
    if check:
        app.event_manager.add_listener('method_call', check)
    return WsgiApplication(app)


APPS = {'11': application(Soap11), '12': application(Soap12), 'wsse': application(Soap11, check_token),
        'wsse12': application(Soap12, lambda ctx: check_token(ctx, 'Client.FailedAuthentication'))}
APPS['basic'] = APPS['cut'] = APPS['fault200'] = APPS['dying'] = APPS['11']


def dying(body):
    yield body[:len(body) // 2]
    os._exit(0)


def serve(environ, start_response):
    name = environ['PATH_INFO'].strip('/').split('/')[0]
    if name == 'basic':
        wanted = 'Basic ' + base64.b64encode((USER + ':' + PASSWORD).encode()).decode()
        if environ.get('HTTP_AUTHORIZATION') != wanted:
            start_response('401 Unauthorized', [('Content-Type', 'text/html'), ('Content-Length', '9')])
            return [b'<p>no</p>']
    held = {}

    def hold(status, headers, exc_info=None):
        held['status'], held['headers'] = status, headers

    body = b''.join(APPS[name](environ, hold))
    if name == 'cut':
        body = body[:len(body) * 2 // 3]
    headers = [(k, v) for k, v in held['headers'] if k.lower() != 'content-length']
    if 'gzip' in environ.get('HTTP_ACCEPT_ENCODING', ''):
        body = gzip.compress(body)
        headers.append(('Content-Encoding', 'gzip'))
    if name == 'fault200':
        held['status'] = '200 OK'
    if name == 'dying':
        asked[0] += 1
        if asked[0] == int(environ['PATH_INFO'].strip('/').split('/')[1]):
            start_response(held['status'], headers + [('Content-Length', str(len(body)))])
            return dying(body)
    start_response(held['status'], headers + [('Content-Length', str(len(body)))])
    return [body]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


server = make_server(sys.argv[4] if len(sys.argv) > 4 else '127.0.0.1', 0, serve, Server, Quiet)
if len(sys.argv) > 3:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=sys.argv[3])
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    context.verify_mode = ssl.CERT_REQUIRED
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_port, flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
server.serve_forever()
