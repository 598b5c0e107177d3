/* What Winograd's three directions share. */
#ifndef FLOW_WINOGRAD_H
#define FLOW_WINOGRAD_H

#include "convolution.h"

FlowWinograd flow_winograd_shape(const FlowConvolution *c);
/* Tiles of a block of at most `most` that begins at `first`, of tiles that end at `end`. */
int64_t flow_winograd_count(int64_t first, int64_t most, int64_t end);

#endif
