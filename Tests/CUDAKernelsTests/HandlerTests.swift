import CCUDAKernels
import CPJRT
import CUDAKernels
import KernelCalls
import Testing

@Suite struct HandlerTests {
    @Test func theKernelsAreTheScanAndItsGradient() {
        #expect(CUDAKernel.all.map(\.name) == ["flow.selective_scan", "flow.selective_scan_backward"])
    }

    @Test func anUnknownKernelTakesNothing() {
        #expect(!CUDAKernel.take(CallShape(name: "flow.nothing", operands: [], results: [])))
    }

    @Test(arguments: CUDAKernel.all.indices)
    func metadataIsAnswered(index: Int) {
        var metadata = XLAFFIMetadata()
        metadata.version.major = -1
        withUnsafeMutablePointer(to: &metadata) { metadata in
            var question = XLAFFIMetadataExtension(
                base: XLAFFIExtension(struct_size: 32, kind: XLAFFIExtensionKindMetadata, next: nil),
                metadata: metadata)
            withUnsafeMutablePointer(to: &question) { question in
                question.withMemoryRebound(to: XLAFFIExtension.self, capacity: 1) { question in
                    var frame = XLAFFICallFrame()
                    frame.extension = question
                    #expect(CUDAKernel.all[index].handler(&frame) == nil)
                }
            }
        }
        #expect(metadata.version.major == 0)
        #expect(metadata.version.minor > 0)
    }

    @Test func onlyTheExecuteStageActs() throws {
        for stage in [XLAFFIStageInstantiate, XLAFFIStagePrepare, XLAFFIStageInitialize] {
            let results = try ScanCall(ScanSizes(1, 1, 1, 1), gradient: false).handled(stage: stage) { frame in
                CUDAKernel.all[0].handler(frame)
            }
            #expect(results[0][0].isNaN)
        }
    }
}
