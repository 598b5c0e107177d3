public import Settings

/// The kinds of prediction.
public enum Predictions {
    /// All kinds, in the order of the manual.
    public static let registry = Registry<any Prediction>(
        "What the network returns; the held-out loss is the velocity's error whatever it is.",
        [
            VelocityPrediction(),
            NoisePrediction(),
            DataPrediction(),
            ScorePrediction(),
        ])
}
