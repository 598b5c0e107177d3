/// Assignments from several places, some of them texts that may not be of the form `KEY=VALUE`.
package struct AssignmentTexts: Sendable {
    /// Those that could be read, in their order.
    package private(set) var assignments: [Assignment]
    private var problems: [SettingProblem] = []

    /// - Parameter assignments: those that are known to be well-formed
    package init(_ assignments: [Assignment] = []) { self.assignments = assignments }

    /// Takes up a text of the form `KEY=VALUE`; one that is not becomes a problem that is told with all others.
    ///
    /// - Parameters:
    ///   - text: as a person typed it
    ///   - origin: who gave it, such as `--set`
    package mutating func add(_ text: String, from origin: String) {
        do {
            assignments.append(try Assignment(text: text, from: origin))
        } catch {
            problems += error.problems
        }
    }

    /// Calls `body` with the assignments; what is wrong with their form is told together with what is wrong with their
    /// values.
    ///
    /// - Throws: ``SettingsError``, or what `body` throws.
    package func resolved<Result>(by body: ([Assignment]) throws -> Result) throws -> Result {
        do {
            let result = try body(assignments)
            guard problems.isEmpty else { throw SettingsError([]) }
            return result
        } catch let error as SettingsError {
            throw SettingsError(problems + error.problems)
        }
    }
}
