public import HeatModel

extension HearthError.Code {
    public static let billingInvalidInput = Self("billing.invalidInput")
    public static let billingMissingInput = Self("billing.missingInput")
    static let billingNotCovered = Self("billing.notCovered")
    public static let billingOverflow = Self("billing.overflow")
    static let billingUnitMismatch = Self("billing.unitMismatch")
    static let configRefundBands = Self("config.refundBands")
    static let configTariffGap = Self("config.tariffGap")
    static let configTariffOverlap = Self("config.tariffOverlap")
}
