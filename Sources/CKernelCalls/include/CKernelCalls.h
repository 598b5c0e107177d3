/* One call of a native kernel: its tensors and attributes, checks of them, and the way there from XLA.

   Tensors are dense and row-major, of float32 or, where a kernel takes that, of bfloat16. A kernel checks every type, rank and
   size it depends on and reports a sentence instead of reading out of bounds. */
#ifndef CKERNELCALLS_H
#define CKERNELCALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xla_ffi_abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A dense row-major array that the caller owns, in the memory of the kernel's platform. */
typedef struct FlowTensor {
    float *data; /* of bfloat16 where `rounded` */
    int64_t rank;
    const int64_t *shape; /* `rank` sizes */
    bool rounded;         /* to bfloat16, two bytes a number */
} FlowTensor;

/* A scalar attribute; an integer one has `real` equal to it. */
typedef struct FlowAttribute {
    const char *name; /* not zero-terminated */
    size_t name_count;
    int64_t integer;
    double real;
} FlowAttribute;

/* One call of a kernel: its operands, results and attributes. One that `asks` does not want the results, but to know
   whether the kernel would take the call: its tensors have no data, and nothing is computed. */
typedef struct FlowCall {
    const char *name;
    const FlowTensor *operands;
    int64_t operand_count;
    const FlowTensor *results;
    int64_t result_count;
    const FlowAttribute *attributes;
    int64_t attribute_count;
    bool asks;
} FlowCall;

/* Whose fault a failure is. */
typedef enum FlowFailureKind {
    FlowFailureKindNone = 0,
    FlowFailureKindInvalidArgument, /* a shape, count or attribute of the call */
    FlowFailureKindUnavailable,     /* the kernel needs a library that is not loaded */
    FlowFailureKindInternal,        /* a library or the system refused */
} FlowFailureKind;

typedef struct FlowFailure {
    FlowFailureKind kind;
    char sentence[360];
} FlowFailure;

/* Sizes bound by flow_match, indexed by letter. '*' is the product of the leading sizes. */
typedef int64_t FlowSizes[128];

/* Checks the call's shapes against a pattern such as "*K NK N -> *N": a word per operand, then per result; a letter is
   a size, equal letters are equal sizes, a leading '*' stands for any leading sizes (bound to their product), a word
   "." is a scalar; a tensor may be of bfloat16 where its word ends in '~', else it must be of float32. Letters already positive in
   `sizes` are taken as given. */
bool flow_match(const FlowCall *call, const char *pattern, FlowSizes sizes, FlowFailure *failure);

/* Fills `failure` with a sentence that starts with the kernel's name; returns false. */
bool flow_fail(const FlowCall *call, FlowFailure *failure, FlowFailureKind kind, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The attribute, or false with a sentence when it is missing or outside [least, most]. */
bool flow_integer(
    const FlowCall *call, const char *name, int64_t least, int64_t most, int64_t *value, FlowFailure *failure);
bool flow_real(const FlowCall *call, const char *name, double *value, FlowFailure *failure);
/* Whether there is such an attribute and it is not 0. */
bool flow_flag(const FlowCall *call, const char *name);

/* Computes a call, or answers one that asks, which it may do on any thread; false with a sentence in `failure` when it
   cannot. */
typedef bool (*FlowRun)(const void *context, const FlowCall *call, FlowFailure *failure);

/* What the XLA handler of the kernel `name` returns: answers XLA's metadata question, and in the execute stage runs
   run(context, call) on the frame's tensors and attributes; a failure becomes XLA's error. */
XLAFFIError *flow_handle(XLAFFICallFrame *frame, const char *name, FlowRun run, const void *context);

#ifdef __cplusplus
}
#endif
#endif
