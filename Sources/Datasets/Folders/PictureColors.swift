public import Settings

/// What becomes of the colours of pictures.
public enum PictureColors: String, SettingChoice {
    /// Gray where every picture is, else colour.
    case auto
    /// Gray, whatever the pictures are.
    case gray
    /// Red, green and blue, whatever the pictures are.
    case color
}
