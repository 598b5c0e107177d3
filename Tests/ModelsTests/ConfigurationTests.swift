import Foundation
import Models
import Testing

@Suite("Model configurations")
struct ConfigurationTests {
    @Test("Defaults are the reference's")
    func defaults() throws {
        let unet = try ModelSpecification(.unet).configuration
        #expect(unet["channels"] == .list([32, 64, 128]))
        #expect(unet["num_residual_layers"] == .integer(2))
        #expect(unet["t_embed_dim"] == .integer(40))
        let dit = try ModelSpecification(.dit).configuration
        #expect(dit["mlp_ratio"] == .number(4))
        #expect(
            (dit["hidden_dim"], dit["depth"], dit["num_heads"], dit["patch_size"]) == (
                .integer(384), .integer(6), .integer(6), .integer(4)
            ))
        let mamba = try ModelSpecification(.mamba).configuration
        #expect(
            (mamba["d_model"], mamba["d_state"], mamba["d_conv"], mamba["expand"]) == (
                .integer(256), .integer(16), .integer(4), .integer(2)
            ))
        for configuration in [unet, dit, mamba] {
            #expect(configuration["image_size"] == .integer(32))
            #expect(configuration["num_classes"] == .integer(10))
        }
    }

    @Test("Settings are read from assignments, the last one counts")
    func assignments() throws {
        let unet = try ModelSpecification(.unet, assignments: ["channels=8,16,32", "t_embed_dim=16", "t_embed_dim=20"])
        #expect(unet.configuration["channels"] == .list([8, 16, 32]))
        #expect(unet.configuration["t_embed_dim"] == .integer(20))
        #expect(
            try ModelSpecification(.unet, assignments: ["channels=[8, 16]"]).configuration["channels"]
                == .list([8, 16]))
        let dit = try ModelSpecification(.dit, assignments: ["mlp_ratio=2", "depth=1.0"])
        #expect(dit.configuration["mlp_ratio"] == .number(2))
        #expect(dit.configuration["depth"] == .integer(1))
        #expect(try ModelSpecification(.dit, assignments: []) == ModelSpecification(.dit))
    }

    @Test("Settings are read from JSON")
    func json() throws {
        let unet = try ModelSpecification(.unet, json: #"{"channels": [8, 16, 32], "t_embed_dim": 16}"#)
        #expect(try unet == ModelSpecification(.unet, assignments: ["channels=8,16,32", "t_embed_dim=16"]))
        #expect(try ModelSpecification(.dit, json: #"{"mlp_ratio": 2.5}"#).configuration["mlp_ratio"] == .number(2.5))
        #expect(try ModelSpecification(.mamba, json: "{}") == ModelSpecification(.mamba))
    }

    @Test("A specification survives being saved")
    func saved() throws {
        for model in ModelName.allCases {
            let specification = try ModelSpecification(model, assignments: ["num_classes=7"])
            let data = try JSONEncoder().encode(specification)
            #expect(try JSONDecoder().decode(ModelSpecification.self, from: data) == specification)
        }
        let unknown = Data(#"{"model": "gan", "configuration": {}}"#.utf8)
        let error = #expect(throws: ModelConfigurationError.self) {
            try JSONDecoder().decode(ModelSpecification.self, from: unknown)
        }
        #expect(error == .unknownModel("gan"))
        #expect(
            "\(ModelConfigurationError.unknownModel("gan"))"
                == "there is no model named 'gan'; choose one of unet, dit, mamba")
    }

    @Test(
        "Text that is no assignment or no JSON",
        arguments: [
            "channels", "=4", "depth=", "depth=four", "channels=a,b", "depth=nan", "channels=32,,64", "channels=[32",
            "",
        ])
    func malformed(text: String) {
        let error = #expect(throws: ModelConfigurationError.self) { try ModelSpecification(.unet, assignments: [text]) }
        #expect(error == .malformed(text))
    }

    @Test(
        "JSON that is no object of settings",
        arguments: [
            "", "[]", "{", "3", #"{"depth": "4"}"#, #"{"depth": null}"#, #"{"depth": true}"#, #"{"channels": [1.5]}"#,
        ])
    func malformedJSON(text: String) {
        let error = #expect(throws: ModelConfigurationError.self) { try ModelSpecification(.unet, json: text) }
        #expect(error == .malformed(text))
    }

    @Test("An unknown setting is an error that lists the known ones")
    func unknown() {
        let error = #expect(throws: ModelConfigurationError.self) {
            try ModelSpecification(.mamba, assignments: ["num_heads=3"])
        }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.hasPrefix("Mamba has no setting 'num_heads'; it has d_conv, d_model, d_state, depth"))
    }

    @Test(
        "A value of the wrong kind",
        arguments: [
            (ModelName.dit, "depth=2.5", "setting depth is 2.5, but takes an integer"),
            (.dit, "depth=1e12", "takes an integer"), (.dit, "depth=1,2", "setting depth is 1,2, but takes an integer"),
            (.dit, "mlp_ratio=1,2", "takes a number"), (.unet, "channels=1.5", "takes a list of integers"),
        ])
    func wrongKind(model: ModelName, assignment: String, message: String) {
        let error = #expect(throws: ModelConfigurationError.self) {
            try ModelSpecification(model, assignments: [assignment])
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains(message))
    }

    @Test(
        "Impossible values name their key",
        arguments: [
            (ModelName.dit, ["hidden_dim=100", "num_heads=3"], "num_heads"), (.dit, ["patch_size=5"], "patch_size"),
            (.dit, ["t_embed_dim=7"], "t_embed_dim"), (.dit, ["depth=0"], "depth"), (.dit, ["depth=-1"], "depth"),
            (.dit, ["mlp_ratio=0"], "mlp_ratio"), (.dit, ["mlp_ratio=1000"], "mlp_ratio"),
            (.dit, ["mlp_ratio=0.001"], "mlp_ratio"), (.dit, ["hidden_dim=1000000000"], "hidden_dim"),
            (.mamba, ["d_state=0"], "d_state"), (.mamba, ["expand=0"], "expand"),
            (.mamba, ["patch_size=64"], "patch_size"),
            (.mamba, ["t_embed_dim=3"], "t_embed_dim"), (.mamba, ["expand=65536"], "expand"),
            (.unet, ["channels=32"], "channels"), (.unet, ["channels=32,0"], "channels"),
            (.unet, ["channels=32,-8"], "channels"), (.unet, ["image_size=30"], "image_size"),
            (.unet, ["channels=4,4,4,4", "image_size=28"], "image_size"),
            (.unet, ["num_residual_layers=0"], "num_residual_layers"),
            (.unet, ["channels=4611686018427387904,4"], "channels"),
            (.unet, ["channels=" + Array(repeating: "1", count: 80).joined(separator: ",")], "channels"),
            (.unet, ["image_channels=65536"], "image_channels"), (.dit, ["image_channels=65536"], "image_channels"),
        ] as [(ModelName, [String], String)])
    func impossible(model: ModelName, assignments: [String], key: String) {
        let error = #expect(throws: ModelConfigurationError.self) {
            try ModelSpecification(model, assignments: assignments)
        }
        guard case .impossible(key, _) = error else {
            Issue.record("\(error.map { "\($0)" } ?? "no error") is not about \(key)")
            return
        }
        #expect("\(error.map { "\($0)" } ?? "")".hasPrefix("setting \(key) is impossible: it "))
    }
}
