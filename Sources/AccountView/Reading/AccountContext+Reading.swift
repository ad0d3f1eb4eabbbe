import HeatModel
import JSONText

extension AccountContext {
    mutating func read(_ view: UnsafeRawBufferPointer) {
        var cursor = JSONCursor(bytes: view)
        guard cursor.beginObject() else { return }
        while let key = cursor.nextKey() {
            if key.equals("account_number") {
                number = cursor.value().text
            } else if key.equals("facts") {
                readFacts(&cursor)
            } else if key.equals("fact_sources") {
                readFactSources(&cursor)
            } else if key.equals("missing") {
                missing = Self.texts(&cursor)
            } else if key.equals("disagreements") {
                readDisagreements(&cursor)
            } else if key.equals("charges") {
                charges = list("charges", Charge(), &cursor) { $0.take($1, $2) }
            } else if key.equals("payments") {
                payments = list("payments", Payment(), &cursor) { $0.take($1, $2) }
            } else if key.equals("readings") {
                readings = list("readings", MeterReading(), &cursor) { $0.take($1, $2) }
            } else if key.equals("suspensions") {
                suspensions = list("suspensions", Suspension(), &cursor) { $0.take($1, $2) }
            } else if key.equals("disconnections") {
                disconnections = list("disconnections", Disconnection(), &cursor) { $0.take($1, $2) }
            } else if key.equals("temperatures") {
                temperatures = list("temperatures", RoomTemperature(), &cursor) { $0.take($1, $2) }
            } else {
                cursor.skip()
            }
        }
    }

    private mutating func readFacts(_ cursor: inout JSONCursor) {
        guard cursor.beginObject() else { return cursor.skip() }
        while let key = cursor.nextKey() { facts.take(key, cursor.value()) }
    }

    private mutating func readFactSources(_ cursor: inout JSONCursor) {
        guard cursor.beginArray() else { return cursor.skip() }
        while cursor.nextElement() {
            var source = Reference(source: "", key: "")
            var fields: [String] = []
            guard cursor.beginObject() else { return cursor.skip() }
            while let key = cursor.nextKey() {
                if key.equals("source") {
                    source.source = cursor.value().text
                } else if key.equals("key") {
                    source.key = cursor.value().text
                } else if key.equals("fields") {
                    fields = Self.texts(&cursor)
                } else {
                    cursor.skip()
                }
            }
            factSources.append((source, fields))
        }
    }

    private mutating func readDisagreements(_ cursor: inout JSONCursor) {
        guard cursor.beginArray() else { return cursor.skip() }
        while cursor.nextElement() {
            var found = Disagreement(field: "", values: [])
            guard cursor.beginObject() else { return cursor.skip() }
            while let key = cursor.nextKey() {
                if key.equals("field") {
                    found.field = cursor.value().text
                } else if key.equals("values"), cursor.beginObject() {
                    while let stream = cursor.nextKey() {
                        found.values.append(
                            .init(stream: String(decoding: stream, as: UTF8.self), value: cursor.value().text))
                    }
                } else {
                    cursor.skip()
                }
            }
            disagreements.append(found)
        }
    }

    private static func texts(_ cursor: inout JSONCursor) -> [String] {
        var texts: [String] = []
        guard cursor.beginArray() else {
            cursor.skip()
            return texts
        }
        while cursor.nextElement() { texts.append(cursor.value().text) }
        return texts
    }

    private mutating func list<Value>(
        _ name: String, _ empty: Value, _ cursor: inout JSONCursor,
        _ take: (inout Value, UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void
    ) -> [Sourced<Value>] {
        var entries: [Sourced<Value>] = []
        guard cursor.beginArray() else {
            cursor.skip()
            return entries
        }
        lists.insert(name)
        // Most records of a list are of one stream.
        var stream = ""
        while cursor.nextElement() {
            guard cursor.beginObject() else {
                cursor.skip()
                continue
            }
            var value = empty
            var key = ""
            var isRepeated = false
            while let name = cursor.nextKey() {
                let text = cursor.value()
                if name.equals("source") {
                    if !text.unquoted.equals(stream) { stream = text.text }
                } else if name.equals("key") {
                    key = text.text
                } else if name.equals("repeats") {
                    isRepeated = true
                } else {
                    take(&value, name, text)
                }
            }
            if !isRepeated { entries.append(Sourced(value, from: Reference(source: stream, key: key))) }
        }
        return entries
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func equals(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { equals(UnsafeRawBufferPointer($0)) }
    }

    var date: CivilDate? { CivilDate(utf8: unquoted) }
    var instant: Instant? { Instant(utf8: unquoted) }
    fileprivate var tenths: TenthsOfDegree? { TenthsOfDegree(text) }
    fileprivate var money: Fen? { integer.map { Fen($0) } }
}

extension AccountFacts {
    private enum Names {
        static let keys = CaseNames<Key>()
        static let classes = CaseNames<Class>()
        static let methods = CaseNames<Method>()
        static let bases = CaseNames<Areas.Basis>()
        static let states = CaseNames<Supply.State>()
        static let valves = CaseNames<Supply.Valve>()
    }

    fileprivate mutating func take(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        switch Names.keys[key] {
        case .class: `class` = Names.classes[value.unquoted]
        case .tariff: tariff = value.text
        case .city: city = value.text
        case .flagsLowIncome: flags.lowIncome = value.boolean
        case .flagsLocked: flags.locked = value.boolean
        case .flagsBlacklisted: flags.blacklisted = value.boolean
        case .flagsElderly: flags.elderly = value.boolean
        case .company: company = value.text
        case .station: station = value.text
        case .networkNumber: networkNumber = value.text
        case .community: community = value.text
        case .building: building = value.text
        case .unit: unit = value.text
        case .floor: floor = value.text
        case .areaBuilding: areas.building = value.decimal
        case .areaInner: areas.inner = value.decimal
        case .areaUsable: areas.usable = value.decimal
        case .areaBilling: areas.billing = value.decimal
        case .areaSuspended: areas.suspended = value.decimal
        case .areaShared: areas.shared = value.decimal
        case .areaCeilingHeight: areas.ceilingHeight = value.decimal
        case .areaBasis: areas.basis = Names.bases[value.unquoted]
        case .heatSource: heatSource = value.text
        case .method: method = Names.methods[value.unquoted]
        case .supplyState: supply.state = Names.states[value.unquoted]
        case .supplyValve: supply.valve = Names.valves[value.unquoted]
        case .arrears: arrears = value.money
        case .openedOn: openedOn = value.date
        case .updatedAt: updatedAt = value.instant
        // Who it is and where exactly is nothing that a figure depends on.
        default: break
        }
    }
}

extension Charge {
    private enum Names {
        static let keys = CaseNames<Key>()
        static let items = CaseNames<Item>()
        static let units = CaseNames<Unit>()
        static let statuses = CaseNames<Status>()
    }

    fileprivate mutating func take(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        switch Names.keys[key] {
        case .number: number = value.text
        case .season: season = value.text
        case .item: item = Names.items[value.unquoted]
        case .quantity: quantity = value.decimal
        case .unit: unit = Names.units[value.unquoted]
        case .unitPrice: unitPrice = value.decimal
        case .due: due = value.money
        case .received: received = value.money
        case .arrears: arrears = value.money
        case .discount: discount = value.money
        case .reduction: reduction = value.money
        case .penalty: penalty = value.money
        case .tax: tax = value.money
        case .status: status = Names.statuses[value.unquoted]
        case .dueOn: dueOn = value.date
        case .issuedAt: issuedAt = value.instant
        case .voided: voided = value.boolean
        default: break
        }
    }
}

extension Payment {
    private enum Names {
        static let keys = CaseNames<Key>()
        static let channels = CaseNames<Channel>()
    }

    fileprivate mutating func take(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        switch Names.keys[key] {
        case .number: number = value.text
        case .season: season = value.text
        case .paidAt: paidAt = value.instant
        case .amount: amount = value.money
        case .channel: channel = Names.channels[value.unquoted]
        case .serial: serial = value.text
        case .reconciled: reconciled = value.boolean
        case .invoiceNumber: invoiceNumber = value.text
        case .reversed: reversed = value.boolean
        case .voided: voided = value.boolean
        default: break
        }
    }
}

extension MeterReading {
    private enum Names {
        static let keys = CaseNames<Key>()
        static let units = CaseNames<Unit>()
    }

    fileprivate mutating func take(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        switch Names.keys[key] {
        case .meter: meter = value.text
        case .season: season = value.text
        case .readAt: readAt = value.instant
        case .startValue: startValue = value.decimal
        case .endValue: endValue = value.decimal
        case .consumption: consumption = value.decimal
        case .unit: unit = Names.units[value.unquoted]
        case .voided: voided = value.boolean
        // What flowed at which temperature is not billed.
        default: break
        }
    }
}

extension Suspension {
    private enum Names {
        static let keys = CaseNames<Key>()
        static let kinds = CaseNames<Kind>()
        static let states = CaseNames<State>()
    }

    fileprivate mutating func take(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        switch Names.keys[key] {
        case .kind: kind = Names.kinds[value.unquoted]
        case .season: season = value.text
        case .from: from = value.date
        case .to: to = value.date
        case .ratio: ratio = value.decimal
        case .requestedOn: requestedOn = value.date
        case .approvedOn: approvedOn = value.date
        case .state: state = Names.states[value.unquoted]
        case .voided: voided = value.boolean
        default: break
        }
    }
}

extension Disconnection {
    private enum Names {
        static let keys = CaseNames<Key>()
        static let states = CaseNames<State>()
    }

    fileprivate mutating func take(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        switch Names.keys[key] {
        case .on: on = value.date
        case .restorable: restorable = value.boolean
        case .state: state = Names.states[value.unquoted]
        case .voided: voided = value.boolean
        default: break
        }
    }
}

extension RoomTemperature {
    private enum Names {
        static let keys = CaseNames<Key>()
        static let methods = CaseNames<Method>()
    }

    fileprivate mutating func take(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        switch Names.keys[key] {
        case .celsius: celsius = value.tenths
        case .measuredAt: measuredAt = value.instant
        case .method: method = Names.methods[value.unquoted]
        case .place: place = value.text
        case .workOrder: workOrder = value.text
        default: break
        }
    }
}
