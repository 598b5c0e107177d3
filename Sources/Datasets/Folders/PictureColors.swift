public import Settings

/// What becomes of the colours of pictures.
public enum PictureColors: String, SettingChoice {
    case auto
    case gray
    case color
}
