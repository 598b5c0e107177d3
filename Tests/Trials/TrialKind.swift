/// A kind of disturbance.
protocol TrialKind: Sendable {
    static var name: String { get }

    /// Disturbs the program once.
    ///
    /// - Throws: ``Fault`` where the program does what it must not.
    static func perform(_ trial: Trial) throws
}

enum TrialKinds {
    static let all: [any TrialKind.Type] = [
        FailingCall.self, KillAtCall.self, DamagedFile.self, FullDisk.self, Interruption.self, ClosedOutput.self,
        KillAtInstant.self, SecondWriter.self, OddNumber.self, ReaderBeside.self,
    ]
}
