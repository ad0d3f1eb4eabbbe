/// The mapping files of the benchmark's two tables.
enum BenchmarkMappings {
    static let accounts = """
        entity: premises
        from: billing.accounts
        key: [account_no]
        account:
          column: account_no
          as: accountNumber
          introduces: true
        fields:
          tariff:        {column: tariff_code, as: text}
          holder.name:   {column: name, as: text}
          holder.phones: {column: phone, as: phones}
          holder.idNumber: {column: id_no, as: idNumber, check: false}
          station:       {column: station_code, as: text}
          community:     {column: community, as: community}
          building:      {column: building, as: building}
          unit:          {column: unit, as: unit}
          room:          {column: room, as: room}
          area.building: {column: area_m2, as: decimal(2), unit: m2, required: true, valid: 5..20000}
          supply.state:  {column: status, as: code, codes: {正常供热: normal, 报停: stopped, 欠费停供: stopped}}
          openedOn:      {column: opened_on, as: date}
          updatedAt:     {column: updated_at, as: instant}
        """

    static let charges = """
        entity: charge
        from: billing.charges
        key: [bill_id]
        account: {column: account_no, as: accountNumber}
        fields:
          number:    {column: bill_id, as: text}
          season:    {column: season, as: season, required: true}
          item:      {column: item, as: code, required: true, codes: {基本热费: heatBase, 计量热费: heatMetered, 滞纳金: lateFee, 减免: reduction, 其他: other}}
          quantity:  {column: quantity, as: decimal(3)}
          unitPrice: {column: unit_price, as: decimal(3)}
          due:       {column: amount, as: money(yuan), required: true}
          received:  {column: paid, as: money(yuan), required: true}
          tax:       {column: tax, as: money(yuan)}
          status:    {column: status, as: code, codes: {已缴: paid, 未缴: unpaid, 部分缴: partlyPaid}}
          dueOn:     {column: due_on, as: date}
          issuedAt:  {column: updated_at, as: instant}
          remark:    {column: remark, as: text}
        """

    static let unified = """
        facts:
          tariff:          {from: [billing.accounts]}
          holder.name:     {from: [billing.accounts]}
          holder.phones:   {from: [billing.accounts]}
          holder.idNumber: {from: [billing.accounts]}
          station:         {from: [billing.accounts]}
          community:       {from: [billing.accounts]}
          building:        {from: [billing.accounts]}
          unit:            {from: [billing.accounts]}
          room:            {from: [billing.accounts]}
          area.building:   {from: [billing.accounts]}
          supply.state:    {from: [billing.accounts]}
          openedOn:        {from: [billing.accounts]}
        lists:
          charges: {from: [billing.charges], order: [season, number]}
        """
}
