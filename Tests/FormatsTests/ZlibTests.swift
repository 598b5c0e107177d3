import Formats
import Testing

@Suite struct ZlibTests {
    @Test func whereItIsAbsentThePackageToInstallIsNamed() {
        let error = #expect(throws: FormatError.self) { try Zlib(library: "libabsent.so.0") }
        #expect(error?.description.contains("zlib1g") == true)
        #expect(error?.description.contains("libabsent.so.0") == true)
    }

    @Test func aLibraryWithoutZlibsFunctionsIsRefused() {
        #expect(throws: FormatError.self) { try Zlib(library: "libm.so.6") }
    }
}
