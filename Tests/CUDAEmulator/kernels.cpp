/* The kernels' source, compiled for the host once per number of states. */
#include <utility>

#include "../../Sources/CCUDAKernels/scan_geometry.h"
#include "device.h"

#pragma clang diagnostic ignored "-Wpass-failed"

#define KERNEL static void
#define THREADS FlowScanThreads
#define SPAN FlowScanSpan
#define LANES FlowPartsLanes
#define SLICES FlowPartsSlices
#define SPANS 32

#define STATES 1
namespace scan1 {
#include "../../Sources/CCUDAKernels/selective_scan.cu"
}
#undef STATES
#define STATES 5
namespace scan5 {
#include "../../Sources/CCUDAKernels/selective_scan.cu"
}
#undef STATES
#define STATES 16
namespace scan16 {
#include "../../Sources/CCUDAKernels/selective_scan.cu"
}
#undef STATES
#define STATES 20
namespace scan20 {
#include "../../Sources/CCUDAKernels/selective_scan.cu"
}
#undef STATES
#define STATES 40
namespace scan40 {
#include "../../Sources/CCUDAKernels/selective_scan.cu"
}
#undef STATES

template <typename... Parameters, size_t... Indices>
static void apply(void (*kernel)(Parameters...), void **arguments, std::index_sequence<Indices...>) {
    kernel(*static_cast<Parameters *>(arguments[Indices])...);
}

template <typename... Parameters> static void apply(void (*kernel)(Parameters...), void **arguments) {
    apply(kernel, arguments, std::index_sequence_for<Parameters...>{});
}

#define EMULATED_MODULE(scan, states) \
    {states, SPANS, [](void **arguments) { apply(scan::selective_scan, arguments); }, \
     [](void **arguments) { apply(scan::selective_scan_backward, arguments); }, \
     [](void **arguments) { apply(scan::add_parts, arguments); }}

const EmulatedModule emulated_modules[EmulatedModuleCount] = {
    EMULATED_MODULE(scan1, 1), EMULATED_MODULE(scan5, 5), EMULATED_MODULE(scan16, 16), EMULATED_MODULE(scan20, 20),
    EMULATED_MODULE(scan40, 40)};
