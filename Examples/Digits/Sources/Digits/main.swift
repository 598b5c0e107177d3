import FlowMatching
import Foundation

// From noise to digits: swift run Digits [steps] [folder]
let words = CommandLine.arguments.dropFirst() + ["", ""]
let steps = Int(words[1]) ?? 1500
let folder = RunFolder(URL(fileURLWithPath: words[2].isEmpty ? "digits" : words[2], isDirectory: true))

// Every choice is a property; what is not said is as in the reference experiment.
var unet = UNet.Configuration()
unet.numResidualLayers = 1
var optimizer = Adam()
optimizer.learningRate = 2e-3
var choices = RunConfiguration()
choices.model = unet
choices.optimizer = optimizer
choices.schedule = CosineSchedule()
choices.training.batchSize = 64
choices.training.steps = steps
choices.recording.validateEvery = 0
try choices.validate()

// The images, as the network takes them.
let network = try choices.model.makeNetwork()
let places = DatasetPlaces(setUpFolder: SetUpFolder.url)
let digits = try choices.data.load(.train, side: unet.imageSize, from: places).images.prepared(for: network)

// Training, in a folder that `flowmatch sample`, `evaluate` and `compare` know as well.
let engine = try DeviceRequest().engine()
try folder.save(choices)
let trainer = try Trainer(folder, choices, training: digits, testing: nil, on: engine)
try trainer.train(
    until: { false },
    onEvent: { event in
        switch event {
        case .steps(let records): if let last = records.last { print("step \(last.step): loss \(last.loss)") }
        case .checkpoint(let step, _): print("saved step \(step)")
        }
    })

// Sampling: ten images of each label, by Heun's method.
let weights = try SavedWeights(folder, choices, ParameterTree(of: network)).arrays(on: engine)
let sampler = try Sampler(
    choices.velocityField(of: network), guidance: ClassifierFreeGuidance(), solver: Heun(), on: engine)
let labels = (0..<10).flatMap { [Int](repeating: $0, count: 10) }
let drawn = try sampler.sample(
    SamplingRequest(labels: labels, guidance: 3), weights: weights, times: UniformGrid().times(steps: 15), seed: 0)
print("\(drawn.evaluations) evaluations of the network an image")

// Values from -1 to 1 as bytes, and a picture that any viewer opens.
let bytes = drawn.images.map { UInt8(max(0, min(255, ($0 + 1) * 127.5))) }
let sheet = try ContactSheet(rows: 10, columns: 10).image(of: bytes, width: unet.imageSize, height: unet.imageSize)
let file = folder.url.appendingPathComponent("digits.pgm")
try (Data("P5 \(sheet.width) \(sheet.height) 255\n".utf8) + sheet.pixels).write(to: file)
print("look at \(file.relativePath)")
