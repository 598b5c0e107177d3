import NN
import StableHLO
import Tensors
import Testing

private struct Leaf: Module {
    let weight = Parameter([2, 3], .constant(1))
    let runningMean = Parameter.state(TensorType([3]), .constant(0))
    let width = 3
}

private struct Tree: Module {
    let first = Leaf()
    let allLeaves = [Leaf(), Leaf()]
    let present: Leaf? = Leaf()
    let absent: Leaf? = nil
    let optionalBias: Parameter? = Parameter([4], .constant(0))
    let renamed = Parameter([5], .constant(0), key: "A_log")
    let pair = [Parameter([], .constant(0)), Parameter([1], .constant(0), key: "ignored in a list")]
}

private struct Nothing: Module {
    let width = 3
    let nested: Leaf? = nil
}

private struct Twice: Module {
    let a = Parameter([1], .constant(0), key: "weight")
    let b = Parameter([1], .constant(0), key: "weight")
}

private struct Shared: Module {
    let first: Leaf
    let second: Leaf

    init() {
        first = Leaf()
        second = first
    }
}

private struct Renaming: Module {
    private let leaf = Leaf()

    var children: [(name: String, value: Any)] { [("0.inner", leaf)] }
}

@Suite("Parameter trees")
struct ParameterTreeTests {
    @Test("Names are the paths of properties in snake case, lists are numbered, keys replace names")
    func names() throws {
        let tree = try ParameterTree(of: Tree())
        #expect(
            tree.names == [
                "first.weight", "first.running_mean", "all_leaves.0.weight", "all_leaves.0.running_mean",
                "all_leaves.1.weight", "all_leaves.1.running_mean", "present.weight", "present.running_mean",
                "optional_bias", "A_log", "pair.0", "pair.1",
            ])
        #expect(tree.types[1] == TensorType([3]))
        #expect(tree.trainableCount == 4 * 6 + 4 + 5 + 1 + 1)
        #expect(try ParameterTree(of: Renaming()).names == ["0.inner.weight", "0.inner.running_mean"])
    }

    @Test("A module without parameters, a name twice and a declaration twice are errors that say so")
    func errors() {
        #expect(throws: ModuleError.noParameters(module: "Nothing")) { try ParameterTree(of: Nothing()) }
        #expect(throws: ModuleError.duplicateName("weight")) { try ParameterTree(of: Twice()) }
        #expect(throws: ModuleError.sharedParameter("first.weight", "second.weight")) {
            try ParameterTree(of: Shared())
        }
        #expect("\(ModuleError.noParameters(module: "Nothing"))".hasPrefix("Nothing shows no parameters"))
        #expect("\(ModuleError.duplicateName("weight"))".contains("two parameters are named weight"))
        #expect("\(ModuleError.sharedParameter("a", "b"))".hasPrefix("a and b are one declaration"))
    }

    @Test("Declarations are equal to themselves alone")
    func identity() throws {
        let (a, b) = (Parameter([1], .constant(0)), Parameter([1], .constant(0)))
        #expect(a == a)
        #expect(a != b)
        let leaf = Leaf()
        let tree = try ParameterTree(of: leaf)
        #expect(tree.index(of: leaf.runningMean) == 1)
        #expect(tree.index(of: a) == nil)
    }
}

@Suite("Contexts")
struct ContextTests {
    @Test("Reads values, records updates of state and knows what was not read")
    func updates() throws {
        let leaf = Leaf()
        let unread = Renaming()
        _ = unread
        let tree = try ParameterTree(of: leaf)
        let program = Tracer.program("test", arguments: tree.types, options: LoweringOptions()) { arguments in
            let context = Context(tree, values: arguments, mode: .training)
            #expect(context.unusedParameters == ["weight"])
            let sum = context[leaf.weight].sum(along: [0])
            #expect(context.unusedParameters == [])
            context.update(leaf.runningMean, to: context[leaf.runningMean] + sum)
            let after = context.valuesAfterCall
            #expect(after.map(\.type) == tree.types)
            return after
        }
        // The weight goes out as it came in, the state does not.
        #expect(program.entry.results[0].value == program.entry.arguments[0].value)
        #expect(program.entry.results[1].value != program.entry.arguments[1].value)
    }

    @Test("A parameter that the tree does not reach, and an update of a trained one, stop the program")
    func mistakes() async {
        await #expect(processExitsWith: .failure) {
            let context = Context(try ParameterTree(of: Leaf()), values: [Tensor(0), Tensor(0)], mode: .training)
            _ = context[Parameter([7], .constant(0))]
        }
        await #expect(processExitsWith: .failure) {
            let leaf = Leaf()
            let context = Context(try ParameterTree(of: leaf), values: [Tensor(0), Tensor(0)], mode: .training)
            context.update(leaf.weight, to: Tensor(0))
        }
    }
}
