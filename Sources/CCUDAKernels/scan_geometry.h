/* The shape of the scan's launches: what the host and the kernels, compiled with these as macros, agree on. */
#ifndef FLOW_SCAN_GEOMETRY_H
#define FLOW_SCAN_GEOMETRY_H

enum {
    FlowScanThreads = 128,  /* threads, and channels, of a block of the scan */
    FlowScanSpan = 4,       /* positions between two states that the gradient keeps */
    FlowScanMaximumStates = 256,
    FlowScanMaximumKept = 1 << 16, /* floats of states kept by one thread */
    FlowPartsLanes = 32,    /* elements that a block of add_parts sums */
    FlowPartsSlices = 8,    /* threads that share an element's parts */
};

#endif
