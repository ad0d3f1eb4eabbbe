/// Mapping files that several cases have in common.
enum Mappings {
    /// Users with a door that another system knows them by, and its payments.
    static func doors(payments account: String, amount: String = "amount") -> [String: String] {
        [
            "unified":
                "facts: {community: {from: [c.users]}}\nlists: {payments: {from: [c.payments], order: [paidAt]}}\n",
            "c.users": """
            entity: premises
            from: c.users
            key: [no]
            account: {column: no, as: accountNumber, introduces: true, registers: {system: erp, column: door}}
            fields:
              community: {column: community, as: text}

            """,
            "c.payments": """
            entity: payment
            from: c.payments
            key: [id]
            account: \(account)
            fields:
              amount: {column: \(amount), as: money(yuan), required: true}
              paidAt: {value: "2026-01-01T00:00:00+08:00"}

            """,
        ]
    }

    static let doorSources = """
          c:
            csv: {folder: ../in}
            streams: {users: {pattern: "u*.csv", semantics: snapshot, mayBeEmpty: true, key: [no]}, payments: {pattern: "p*.csv", mayBeEmpty: true, key: [id]}}

        """

    /// Residents with their places, and orders found by address.
    static let places: [String: String] = [
        "unified": """
        facts:
          community: {from: [customer.residents]}
          building: {from: [customer.residents]}
          unit: {from: [customer.residents]}
          room: {from: [customer.residents]}
        lists:
          work_orders: {from: [dispatch.orders], order: [createdAt]}

        """,
        "customer.residents": """
        entity: premises
        from: customer.residents
        key: [no]
        account: {column: no, as: accountNumber, introduces: true}
        fields:
          community: {column: community, as: community}
          building: {column: building, as: building}
          unit: {column: unit, as: unit}
          room: {column: room, as: room}

        """,
        "dispatch.orders": """
        entity: workOrder
        from: dispatch.orders
        key: [id]
        account: {address: {community: community, column: address}}
        fields:
          number: {column: id, as: text}
          kind: {value: noHeat}
          state: {value: dispatched}
          createdAt: {column: at, as: instant, required: true}

        """,
    ]

    static let placeSources = """
          customer:
            csv: {folder: ../in}
            streams:
              residents: {pattern: "r*.csv", semantics: snapshot, key: [no]}
          dispatch:
            csv: {folder: ../in}
            streams: {orders: {pattern: "o*.csv", semantics: delta, key: [id]}}

        """

    /// A billing system of one sheet for each kind of thing.
    static func billing(area: String, shared: Bool = false) -> [String: String] {
        let places = ["community", "building", "unit", "room"]
        let facts = ["class", "method", area] + places + ["city"] + (shared ? ["area.shared"] : [])
        return [
            "unified": "facts:\n" + facts.map { "  \($0): {from: [b.users]}\n" }.joined() + """
                lists:
                  charges: {from: [b.charges], order: [season]}
                  readings: {from: [b.readings], order: [readAt]}
                  suspensions: {from: [b.suspensions], order: [season]}
                  work_orders: {from: [b.orders], order: [createdAt]}

                """,
            "b.users": """
            entity: account
            from: b.users
            key: [no]
            account: {column: no, as: accountNumber, introduces: true}
            fields:
              class: {column: class, as: code, codes: {居民: resident}}
              method: {column: method, as: code, codes: {面积: byArea, 两部制: twoPart}}
              \(area): {column: area, as: decimal(3), unit: m2}
              community: {column: community, as: community}
              building: {column: building, as: building}
              unit: {column: unit, as: unit}
              room: {column: room, as: room}
              city: {value: 北辰市}

            """ + (shared ? "  area.shared: {column: shared, as: decimal(3), unit: m2}\n" : ""),
            "b.charges": """
            entity: charge
            from: b.charges
            key: [id]
            account: {column: no, as: accountNumber}
            fields:
              season: {column: season, as: season}
              item: {column: item, as: code, codes: {base: heatBase, heat: heatMetered, area: heatByArea, shared: sharedArea, bt: suspension}}
              quantity: {column: q, as: decimal(3)}
              unit: {column: unit, as: code, codes: {m2: m2, kWh: kWh}}
              unitPrice: {column: price, as: decimal(3)}
              due: {column: due, as: money(yuan)}

            """,
            "b.readings": """
            entity: meterReading
            from: b.readings
            key: [id]
            account: {column: no, as: accountNumber}
            fields:
              season: {column: season, as: season}
              readAt: {column: at, as: instant, required: true}
              consumption: {column: kwh, as: decimal(3)}
              unit: {value: kWh}

            """,
            "b.suspensions": """
            entity: suspension
            from: b.suspensions
            key: [no, season]
            account: {column: no, as: accountNumber}
            fields:
              kind: {value: full}
              season: {column: season, as: season}
              requestedOn: {column: day, as: date}
              state: {value: approved}

            """,
            "b.orders": """
            entity: workOrder
            from: b.orders
            key: [id]
            account: {address: {community: community, column: address}}
            fields:
              number: {column: id, as: text}
              kind: {value: noHeat}
              state: {value: closed}
              createdAt: {column: at, as: instant, required: true}

            """,
        ]
    }

    static let billingSources = """
          b:
            csv: {folder: ../in}
            streams:
              users:       {pattern: "users*.csv", semantics: snapshot, key: [no]}
              charges:     {pattern: "charges*.csv", semantics: snapshot, key: [id]}
              readings:    {pattern: "readings*.csv", semantics: snapshot, key: [id]}
              suspensions: {pattern: "suspensions*.csv", semantics: snapshot, key: [no, season]}
              orders:      {pattern: "orders*.csv", key: [id]}

        """

    /// A city's tariff: 25 yuan a ㎡ and season, or 7.5 and 0.13 a kWh; 20 % stay due of a suspension.
    static func tariff(area: String, shared: String = "") -> String {
        """
        city: 北辰市
        common:
          source: x
          season: {start: 11-15, end: 03-15, days: inclusive}
          area: \(area)
        \(shared.isEmpty ? "" : "  shared: \(shared)\n")\
          suspension: {deadline: 09-30, ratio: 0.20, measured: base, minimumTerm: season, insideSeason: none}
          rounding: {line: fen halfUp, total: fen halfUp}
        versions:
          - {id: v, seasons: .., price: {amount: 25, per: season}, twoPart: {base: 7.5, heat: {kWh: 0.13}, correction: 1}}

        """
    }
}
