import ArgumentParser
import Foundation
import Pages

extension Tongue: ExpressibleByArgument {}

extension Tongue {
    /// Chinese where the locale says so, else English.
    static var ofLocale: Self { Self(locale: ProcessInfo.processInfo.environment) }
}
