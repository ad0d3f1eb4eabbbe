import HearthTesting
import Store

/// The chain, broken where it is asked to be.
extension BrokenReader {
    func lastChainLine() throws -> (sequence: Int64, line: [UInt8])? {
        try store.ask()
        return try reader.lastChainLine()
    }
    func chainLines(after: Int64, limit: Int) throws -> [(sequence: Int64, line: [UInt8])] {
        try store.ask()
        let lines = try reader.chainLines(after: after, limit: limit)
        return fault == .chainKept ? lines.map { ($0.sequence, Array($0.line.dropLast())) } : lines
    }
    func unchainedRuns() throws -> [RunID] {
        try store.ask()
        return try reader.unchainedRuns()
    }
    func endedRuns(after: RunID?, limit: Int) throws -> [(run: RunID, sequence: Int64?)] {
        try store.ask()
        return try reader.endedRuns(after: after, limit: limit)
    }
}

extension BrokenWriter {
    func appendChain(_ line: [UInt8], sequence: Int64, run: RunID?) throws {
        try store.ask()
        try writer.appendChain(line, sequence: sequence, run: fault == .runsChained ? nil : run)
    }
    func reserveRuns(through run: RunID) throws {
        try store.ask()
        if fault != .runsReserved { try writer.reserveRuns(through: run) }
    }
}
