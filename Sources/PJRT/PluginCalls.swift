internal import CPJRT

extension Plugin {
    /// Throws the error a call returned, if it returned one.
    func check(_ error: OpaquePointer?, _ operation: PluginOperation) throws(PJRTError) {
        try ErrorReader(functions: functions).check(error, operation)
    }

    /// The error a call returned as a value, if it returned one.
    func failure(_ error: OpaquePointer?, _ operation: PluginOperation) -> PJRTError? {
        ErrorReader(functions: functions).failure(error, operation)
    }

    /// Calls a release function. Its error has no one to go to: the object is gone either way.
    func release(
        _ object: OpaquePointer, _ entry: LiveObject,
        with function: (UnsafeMutablePointer<PJRTObjectArgs>) -> OpaquePointer?
    ) {
        var arguments = PJRTObjectArgs.of(object)
        ErrorReader(functions: functions).discard(function(&arguments))
        entry.end()
    }

    /// The object that a successful call returned; a plugin that returns neither object nor error breaks the ABI.
    func object(_ object: OpaquePointer?, _ operation: PluginOperation) throws(PJRTError) -> OpaquePointer {
        guard let object else {
            throw .failure(operation, code: .internal, message: "it returned neither a result nor an error.")
        }
        return object
    }

    /// The text that a function reports about an object.
    func text(
        of object: OpaquePointer, _ operation: PluginOperation,
        with function: (UnsafeMutablePointer<PJRTTextArgs>) -> OpaquePointer?
    ) throws(PJRTError) -> String {
        var arguments = PJRTTextArgs.of(object)
        try check(function(&arguments), operation)
        return String(bytes: arguments.text, count: arguments.count)
    }
}

/// Turns the plugin's error objects into values: the message is copied, then the object destroyed.
struct ErrorReader {
    let functions: UnsafePointer<PJRTFunctions>

    func check(_ error: OpaquePointer?, _ operation: PluginOperation) throws(PJRTError) {
        if let failure = failure(error, operation) { throw failure }
    }

    func failure(_ error: OpaquePointer?, _ operation: PluginOperation) -> PJRTError? {
        guard let error else { return nil }
        let entry = LiveObject(.error)
        defer { destroy(error, entry) }
        var message = PJRTTextArgs.of(error)
        functions.pointee.error_message(&message)
        var number = PJRTNumberArgs.of(error)
        let refusal = functions.pointee.error_code(&number)
        discard(refusal)
        let code = refusal == nil ? StatusCode(rawValue: number.number) ?? .unknown : .unknown
        let text = String(bytes: message.text, count: message.count)
        return .failure(operation, code: code, message: String(text.trimmingSuffix(while: \.isWhitespace)))
    }

    /// Destroys an error that has no one to go to.
    func discard(_ error: OpaquePointer?) {
        guard let error else { return }
        destroy(error, LiveObject(.error))
    }

    private func destroy(_ error: OpaquePointer, _ entry: LiveObject) {
        var arguments = PJRTObjectArgs.of(error)
        functions.pointee.error_destroy(&arguments)
        entry.end()
    }
}

extension StringProtocol {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> SubSequence {
        self[..<(lastIndex { !predicate($0) }.map(index(after:)) ?? startIndex)]
    }
}
