"""Programs that write and read through both gateways, and hold what they were told."""
import http.client
import json
import random
import re
import threading
import time
import traceback

from estate import KINDS

STATE = re.compile(r"commit=(\d+)(?:, run=(\d+))?")


def parse(header):
    """A state as (commit, header); the commit orders them."""
    found = STATE.match(header or "")
    return (int(found[1]), header) if found else None


class Client:
    """One caller: a token, the latest state that it was told, a connection to each gateway."""

    def __init__(self, site, history, token, gateways, seed, patience):
        self.site, self.history, self.token, self.patience = site, history, token, patience
        self.places = gateways
        self.random = random.Random(seed)
        self.state = (0, "")
        self.turn = self.random.randrange(2)
        self._open, self._avoided = {}, {}

    def other(self):
        """The gateways in turn, but for a while not one that did not answer: as behind a load balancer."""
        names = list(self.places)
        self.turn += 1
        name = names[self.turn % len(names)]
        if self._avoided.get(name, 0) > time.monotonic():
            name = names[(self.turn + 1) % len(names)]
        return name

    def ask(self, gateway, method, path, body=None, key=None, state=None):
        """Status, state and document; raises OSError where no answer comes."""
        fields = {"Authorization": f"Bearer {self.token}"}
        held = state or self.state
        if held[0]:
            fields["Hearth-State"] = held[1]
        data = None
        if body is not None:
            data = json.dumps(body, ensure_ascii=False).encode()
            fields |= {"Content-Type": "application/json", "Idempotency-Key": f'"{key}"'}
        for attempt in (1, 2):
            connection = self._open.pop(gateway, None)
            is_kept = connection is not None
            connection = connection or http.client.HTTPConnection(*self.places[gateway], timeout=self.patience)
            try:
                connection.request(method, path, body=data, headers=fields)
                answer = connection.getresponse()
                raw = answer.read()
                break
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                # A kept connection may have been closed meanwhile: keyed writes and reads may be asked again.
                if not is_kept or isinstance(error, TimeoutError) or attempt == 2:
                    self._avoided[gateway] = time.monotonic() + 5
                    raise OSError(str(error)) from error
        self._open[gateway] = connection
        told = parse(answer.getheader("Hearth-State"))
        if 200 <= answer.status < 300:
            if told and held[0] and told[0] < held[0]:
                self.history.complain("stale", f"{method} {path}: holds {held[1]}, was told {told[1]} by {gateway}")
            if told:
                self.state = max(self.state, told)
                self.history.note_state(told)
        try:
            return answer.status, told, json.loads(raw)
        except ValueError:
            return answer.status, told, {}

    def write(self, path, body, key, note):
        """Asks, through one gateway after the other, until it is acknowledged or refused for good. Returns the document, or None."""
        begun, synced = time.monotonic(), self.history.synced
        while not self.site.load_is_over:
            try:
                status, told, document = self.ask(self.other(), "POST", path, body, key)
            except OSError:
                self.history.refuse_write()
                self.site.pause(0.2)
                continue
            if 200 <= status < 300:
                if told is None:
                    self.history.complain("strange", f"POST {path}: {status} without a state")
                self.history.acknowledge(begun, told[0] if told else 0, lambda: note(document, told), synced)
                return document
            kind = document.get("type", "").rsplit(":", 1)[-1]
            if status >= 500 or status in (408, 429) or kind == "request-in-flight":
                self.history.refuse_write()
                self.site.pause(0.2)
                continue
            self.history.complain("strange", f"POST {path}: {status} {kind}: {document.get('detail')}")
            return None
        return None


class Talker(Client):
    """Says one sentence after the other, and looks through the other gateway whether all are there, once each."""

    def run(self):
        number, conversation, path, said = 0, None, None, []
        while not self.site.load_is_over:
            number += 1
            if conversation is None or len(said) >= 60:
                opened = self.write("/v1/conversations", {"channel": "phone"}, f"{id(self)}-open-{number}", lambda *_: None)
                if not opened:
                    continue
                conversation, said = opened["conversation"], []
                path = f"/v1/conversations/{conversation}"
            def note(document, told):
                self.history.turns.setdefault(conversation, {})[number] = told[0] if told else 0
                said.append(number)
            self.write(f"{path}/turns", {"who": "customer", "words": f"第{number}句"}, f"{id(self)}-{number}", note)
            self.look(path, said)
            self.site.pause(self.random.uniform(0.02, 0.2))

    def look(self, path, said):
        begun = time.monotonic()
        try:
            status, _, document = self.ask(self.other(), "GET", path)
        except OSError:
            status, document = 0, {}
        self.history.read(begun, status == 200)
        if status == 200:
            there = words(document)
            for number in said:
                if there.count(f"第{number}句") != 1:
                    self.history.complain("lost at once", f"{path}: sentence {number} stands there {there.count(f'第{number}句')} times")
                    return
        elif status and status < 500 and status != 429:
            self.history.complain("strange", f"GET {path}: {status} {document.get('type')}")
        if status != 200:
            self.site.pause(0.1)


def words(document):
    return [turn["words"] for turn in document["turns"]]


class Reporter(Client):
    """Asks for repair orders, each of another account and kind."""

    def __init__(self, *arguments, wishes):
        super().__init__(*arguments)
        self.wishes = wishes

    def run(self):
        while not self.site.load_is_over and self.wishes:
            account, kind = self.wishes.pop()

            def note(document, told):
                if document.get("joined"):
                    self.history.joined += 1
                else:
                    self.history.orders[account, kind] = document["status_path"]
            self.write(f"/v1/accounts/{account}/work-orders", {"kind": kind, "words": "不太对"}, f"order-{account}-{kind}", note)
            self.site.pause(self.random.uniform(0.3, 1.2))


class Reader(Client):
    """Asks for accounts through both gateways, with the latest state that it, or that anybody, was told."""

    def __init__(self, *arguments, accounts, holds_all):
        super().__init__(*arguments)
        self.accounts, self.holds_all = accounts, holds_all

    def run(self):
        while not self.site.load_is_over:
            account = self.random.choice(self.accounts)
            begun = time.monotonic()
            try:
                held = self.history.latest if self.holds_all else None
                status, told, document = self.ask(self.other(), "GET", f"/v1/accounts/{account}", state=held)
            except OSError:
                status, told, document = 0, None, {}
            self.history.read(begun, status == 200)
            if status == 200:
                self.look(account, told, document)
                self.site.pause(self.random.uniform(0.0, 0.05))
            else:
                if status and status < 500 and status != 429:
                    self.history.complain("strange", f"account {account}: {status} {document.get('type')}")
                self.site.pause(0.1)

    def look(self, account, told, document):
        charges = [charge for charge in document["charges"] if not charge["voided"]]
        versions = {charge["penalty_fen"] for charge in charges}
        total = sum(season["penalty_fen"] for season in document["seasons"])
        if len(versions) != 1 or total != len(charges) * min(versions):
            self.history.complain("mixed", f"account {account} at {told}: penalties {sorted(versions)}, seasons {total}")
            return
        if told is None:
            self.history.complain("strange", f"account {account}: 200 without a state")
            return
        found = STATE.match(told[1])
        self.history.see(told[0], int(found[2] or 0), versions.pop())


class Company:
    """What happens in the legacy systems: bills change, supply is interrupted; both are synced."""

    def __init__(self, site, history, estate, seed):
        self.site, self.history, self.estate = site, history, estate
        self.random = random.Random(seed)
        self.version, self.outages = 0, 0

    def next_version(self):
        self.version += 1
        self.estate.mark(self.version)
        while not self.site.load_is_over:
            runs = self.estate.sync("billing.charges")
            self.history.syncs += 1
            if runs:
                for run in runs:
                    self.history.runs[run["run"]] = self.version
                self.history.synced = self.version
                return True
            self.history.syncs_failed += 1
            self.site.pause(0.5)
        return False

    def run(self):
        while not self.site.load_is_over:
            self.next_version()
            if self.version % 3 == 0:
                self.outages += 1
                self.estate.begin_outage(f"W{self.outages:04d}", self.random.choice(self.estate.buildings))
                while not self.site.load_is_over and not self.estate.sync("network.outages"):
                    self.history.syncs_failed += 1
                    self.site.pause(0.5)
            self.site.pause(self.random.uniform(0.5, 2.5))


class Load:
    """All of them at once, each on a thread; the first error of one ends the run."""

    def __init__(self, site, history, estate, seed):
        places = {name: site.network.address(name, "gateway") for name in estate.gateways}
        wishes = [(account, kind) for account in estate.accounts for kind in KINDS]
        random.Random(f"{seed}/wishes").shuffle(wishes)
        accounts = [number for _, number in estate.marked]

        def of(name, patience=15):
            return site, history, estate.token, places, f"{seed}/{name}", patience
        self.company = Company(site, history, estate, f"{seed}/company")
        self.clients = [
            Talker(*of("talker-1")), Talker(*of("talker-2")), Reporter(*of("reporter"), wishes=wishes),
            Reader(*of("reader-1", 6), accounts=accounts, holds_all=False), Reader(*of("reader-2", 6), accounts=accounts, holds_all=True)]
        self.site = site
        self.trouble = None
        self._threads = []

    def start(self):
        for client in [*self.clients, self.company]:
            thread = threading.Thread(target=self._guard, args=(client.run,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _guard(self, body):
        try:
            body()
        except Exception as error:
            if not self.site.load_is_over:
                self.trouble = self.trouble or error
                traceback.print_exc()

    def end(self):
        self.site.load_is_over = True
        for thread in self._threads:
            thread.join(120)
