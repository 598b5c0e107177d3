/* Checks of a call and the sentences that describe what is wrong with one. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "CKernelCalls.h"

bool flow_fail(const FlowCall *call, FlowFailure *failure, FlowFailureKind kind, const char *format, ...) {
    failure->kind = kind;
    size_t room = sizeof failure->sentence;
    int used = snprintf(failure->sentence, room, "%s: ", call->name);
    if (used < 0 || (size_t)used >= room) return false;
    va_list values;
    va_start(values, format);
    vsnprintf(failure->sentence + used, room - (size_t)used, format, values);
    va_end(values);
    return false;
}

static const FlowAttribute *attribute(const FlowCall *call, const char *name) {
    for (int64_t i = 0; i < call->attribute_count; i++) {
        const FlowAttribute *candidate = &call->attributes[i];
        if (candidate->name_count == strlen(name) && memcmp(candidate->name, name, candidate->name_count) == 0) {
            return candidate;
        }
    }
    return NULL;
}

bool flow_integer(
    const FlowCall *call, const char *name, int64_t least, int64_t most, int64_t *value, FlowFailure *failure) {
    const FlowAttribute *found = attribute(call, name);
    if (found == NULL) {
        return flow_fail(call, failure, FlowFailureKindInvalidArgument, "the attribute '%s' is missing.", name);
    }
    if (found->integer < least || found->integer > most || (double)found->integer != found->real) {
        return flow_fail(
            call, failure, FlowFailureKindInvalidArgument, "the attribute '%s' is %g; it must be whole, %lld to %lld.",
            name, found->real, (long long)least, (long long)most);
    }
    *value = found->integer;
    return true;
}

bool flow_real(const FlowCall *call, const char *name, double *value, FlowFailure *failure) {
    const FlowAttribute *found = attribute(call, name);
    if (found == NULL) {
        return flow_fail(call, failure, FlowFailureKindInvalidArgument, "the attribute '%s' is missing.", name);
    }
    *value = found->real;
    return true;
}

bool flow_flag(const FlowCall *call, const char *name) {
    const FlowAttribute *found = attribute(call, name);
    return found != NULL && found->integer != 0;
}

static void describe(const FlowTensor *tensor, char *text, size_t room) {
    size_t used = (size_t)snprintf(text, room, "[");
    for (int64_t i = 0; i < tensor->rank && used + 24 < room; i++) {
        used += (size_t)snprintf(text + used, room - used, i == 0 ? "%lld" : ", %lld", (long long)tensor->shape[i]);
    }
    snprintf(text + used, room - used, tensor->rounded ? "] of bfloat16" : "]");
}

static bool match_word(const FlowTensor *tensor, const char *word, size_t count, FlowSizes sizes) {
    const bool may_be_rounded = word[count - 1] == '~';
    if (tensor->rounded && !may_be_rounded) return false;
    if (may_be_rounded) count--;
    if (count == 1 && word[0] == '.') return tensor->rank == 0;
    int64_t leading = 0;
    if (word[0] == '*') {
        word++;
        count--;
        leading = tensor->rank - (int64_t)count;
        if (leading < 0) return false;
        int64_t product = 1;
        for (int64_t i = 0; i < leading; i++) product *= tensor->shape[i];
        if (sizes['*'] == 0) sizes['*'] = product;
        if (sizes['*'] != product) return false;
    }
    if (tensor->rank != leading + (int64_t)count) return false;
    for (size_t i = 0; i < count; i++) {
        int64_t size = tensor->shape[leading + (int64_t)i];
        int64_t *bound = &sizes[(int)word[i]];
        if (*bound == 0) *bound = size;
        if (*bound != size) return false;
    }
    return true;
}

/* Whether all sizes are positive and the bytes of the tensor can be counted: products of its sizes then do not overflow. */
static bool can_be(const FlowTensor *tensor) {
    int64_t bytes = sizeof(float);
    for (int64_t i = 0; i < tensor->rank; i++) {
        if (tensor->shape[i] <= 0 || __builtin_mul_overflow(bytes, tensor->shape[i], &bytes)) return false;
    }
    return true;
}

bool flow_match(const FlowCall *call, const char *pattern, FlowSizes sizes, FlowFailure *failure) {
    const FlowTensor *tensors = call->operands;
    int64_t available = call->operand_count;
    int64_t index = 0;
    const char *kind = "operand";
    for (const char *word = pattern;;) {
        size_t count = strcspn(word, " ");
        bool arrow = count == 2 && memcmp(word, "->", 2) == 0;
        if (arrow || count == 0) {
            if (index != available) {
                return flow_fail(
                    call, failure, FlowFailureKindInvalidArgument, "got %lld %ss, expected %s.", (long long)available,
                    kind, pattern);
            }
            if (count == 0) return true;
            tensors = call->results;
            available = call->result_count;
            index = 0;
            kind = "result";
        } else {
            if (index >= available) {
                return flow_fail(
                    call, failure, FlowFailureKindInvalidArgument, "got %lld %ss, expected %s.", (long long)available,
                    kind, pattern);
            }
            const FlowTensor *tensor = &tensors[index];
            if (!can_be(tensor) || !match_word(tensor, word, count, sizes)) {
                char shape[120];
                describe(tensor, shape, sizeof shape);
                return flow_fail(
                    call, failure, FlowFailureKindInvalidArgument,
                    "%s %lld has shape %s, which does not fit '%.*s' in %s (equal letters are equal sizes; bfloat16 needs "
                    "a '~').",
                    kind, (long long)index, shape, (int)count, word, pattern);
            }
            index++;
        }
        word += count;
        while (*word == ' ') word++;
    }
}
