/* Runs every kernel at odd shapes, on every instruction set of the machine and with one and several threads. To be built
   with sanitizers: every tensor has memory of its own, of exactly its size.

   exercise SEED CASES [write FILE | compare FILE]: results of one build may be held against those of another. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CCPUKernels.h"

enum { MaximumTensors = 32, MaximumRank = 4 };

/* MARK: Random numbers */

static uint64_t state;

static uint64_t draw(void) {
    uint64_t value = state += 0x9E3779B97F4A7C15u;
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9u;
    value = (value ^ value >> 27) * 0x94D049BB133111EBu;
    return value ^ value >> 31;
}

static int64_t draw_from(const int64_t *choices, size_t count) { return choices[draw() % count]; }

static int64_t small_size(void) {
    static const int64_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 24, 31, 33};
    return draw_from(sizes, sizeof sizes / sizeof sizes[0]);
}

/* MARK: Kernels */

typedef struct Subject {
    const char *name, *shapes; /* as flow_match's patterns, all ranks written out; '~': of bfloat16 in some cases */
} Subject;

static const Subject subjects[] = {
    {"flow.convolution", "NHWI~ OIKK -> NPQO~"},
    {"flow.convolution", "NHWI~ OIKK O -> NPQO~"},
    {"flow.convolution", "NHWI~ OIKK O NPQO -> NPQO~"},
    {"flow.convolution_input_gradient", "NPQO~ OIKK -> NHWI~"},
    {"flow.convolution_weight_gradient", "NHWI~ NPQO~ -> OIKK O"},
    {"flow.silu_batch_norm", "NC~ C C -> NC~ C C"},
    {"flow.silu_batch_norm_backward", "NC~ NC~ C C C C -> NC~ C C"},
    {"flow.batch_norm_silu", "NC~ C C -> NC~ C C"},
    {"flow.batch_norm_silu_backward", "NC~ NC~ C C C C -> NC~ C C"},
    {"flow.silu_affine", "NC~ C C -> NC~"},
    {"flow.affine_silu", "NC~ C C -> NC~"},
    {"flow.gated_selective_scan", "BLD BLD DS BLS BLS D BLD -> BLD~"},
    {"flow.gated_selective_scan_backward", "BLD BLD BLD DS BLS BLS D BLD -> BLD BLD~ DS BLS BLS D BLD~"},
    {"flow.modulated_layer_norm", "BLD BD BD -> BLD~ BL BL"},
    {"flow.modulated_layer_norm_backward", "BLD BLD BD BL BL -> BLD BD BD"},
    {"flow.gated_residual_layer_norm", "BLD BD BLD~ BD BD -> BLD BLD~ BL BL"},
    {"flow.gated_residual_layer_norm_backward", "BLD BLD BD BL BL BD BLD~ -> BLD BD BLD~ BD BD"},
    {"flow.gated_residual_layer_norm_backward", "BLD BLD BD BL BL BD BLD~ BLD -> BLD BD BLD~ BD BD"},
    {"flow.embedding_add", "NHWD~ ND -> NHWD~"},
    {"flow.embedding_add_backward", "NHWD~ -> ND"},
    {"flow.adam", "E AB AB AB AB -> AB AB AB"},
    {"flow.adam", "E AB C AB C AB C AB C AB C -> AB C AB C AB C AB C"},
    {"flow.causal_depthwise_convolution", "BLD DUT D -> BLD"},
    {"flow.causal_depthwise_convolution_backward", "BLD BLD DUT D -> BLD~ DUT D"},
    {"flow.attention", "BLX~ -> BLY~ BhL"},
    {"flow.attention_backward", "BLY~ BLX~ BLY~ BhL -> BLX~"},
    {"flow.linear", "GMR~ FR -> GMF~"},
    {"flow.linear", "GMR~ FR F -> GMF~"},
    {"flow.linear_gelu", "GMR~ FR F -> GMF~ GMF~"},
    {"flow.linear_gelu", "GMR~ FR F -> GMF~"},
    {"flow.linear_input_gradient", "GMF~ FR -> GMR~"},
    {"flow.linear_input_gradient", "GMF~ FR GMR -> GMR"},
    {"flow.linear_input_gradient_gelu", "GMF~ FR GMR~ -> GMR~"},
    {"flow.linear_weight_gradient", "GMR~ GMF~ -> FR"},
    {"flow.linear_weight_gradient", "GMR~ GMF~ -> FR F"},
    {"flow.upsample_bilinear_2x", "NHWC -> NVZC~"},
    {"flow.upsample_bilinear_2x_backward", "NVZC -> NHWC"},
};
enum { SubjectCount = sizeof subjects / sizeof subjects[0] };

typedef struct Sizes {
    int64_t of[128];
    int64_t padding, bfloat16;
} Sizes;

/* What needs no oneDNN: one channel of results, or kernels of 3 x 3 with stride 1 between many channels. */
static void draw_convolution(const Subject *subject, Sizes *sizes) {
    static const int64_t channels[] = {16, 17, 24, 31, 33, 40};
    bool is_narrow = strcmp(subject->name, "flow.convolution_input_gradient") != 0 && draw() % 3 == 0;
    int64_t *of = sizes->of;
    of['K'] = is_narrow ? 1 + 2 * (int64_t)(draw() % 3) : 3;
    of['O'] = is_narrow ? 1 : draw_from(channels, 6);
    if (!is_narrow) of['I'] = draw_from(channels, 6);
    else sizes->padding %= of['K'];
    bool fits = false;
    while (!fits) {
        of['H'] = 1 + (int64_t)(draw() % 13), of['W'] = 1 + (int64_t)(draw() % 13);
        of['P'] = of['H'] + 2 * sizes->padding - of['K'] + 1, of['Q'] = of['W'] + 2 * sizes->padding - of['K'] + 1;
        fits = of['P'] > 0 && of['Q'] > 0;
        /* Both ways round. */
        if (!is_narrow) fits = fits && of['P'] * of['Q'] >= 8 * ((of['P'] + 3) / 4) * ((of['Q'] + 3) / 4);
    }
}

static Sizes draw_sizes(const Subject *subject) {
    Sizes sizes = {.padding = (int64_t)(draw() % 3), .bfloat16 = (int64_t)(draw() % 2)};
    for (int letter = 'A'; letter <= 'z'; letter++) sizes.of[letter] = small_size();
    sizes.of['N'] = sizes.of['B'] = 1 + (int64_t)(draw() % 3);
    sizes.of['H'] = 1 + (int64_t)(draw() % 13), sizes.of['W'] = 1 + (int64_t)(draw() % 13);
    sizes.of['E'] = 8, sizes.of['U'] = 1, sizes.of['T'] = 1 + (int64_t)(draw() % 5);
    sizes.of['V'] = 2 * sizes.of['H'], sizes.of['Z'] = 2 * sizes.of['W'];
    sizes.of['h'] = 1 + (int64_t)(draw() % 3);
    sizes.of['Y'] = sizes.of['h'] * small_size(), sizes.of['X'] = 3 * sizes.of['Y'];
    if (strstr(subject->name, "linear") != NULL) {
        /* Some products large enough to be cut, and paired. */
        static const int64_t large[] = {64, 192, 200, 257, 300};
        sizes.of['G'] = 1 + (int64_t)(draw() % 3);
        if (draw() % 3 == 0) {
            for (const char *letter = "MRF"; *letter != 0; letter++) sizes.of[(int)*letter] = draw_from(large, 5);
        }
    }
    if (strstr(subject->name, "batch_norm") != NULL || strstr(subject->name, "affine") != NULL) {
        sizes.of['N'] = 1 + (int64_t)(draw() % 600);
    }
    if (strncmp(subject->name, "flow.convolution", 16) == 0) draw_convolution(subject, &sizes);
    return sizes;
}

/* MARK: Calls */

typedef struct Call {
    FlowTensor operands[MaximumTensors], results[MaximumTensors];
    int64_t operand_count, result_count;
    int64_t shapes[2 * MaximumTensors][MaximumRank];
    bool rounds_operand[MaximumTensors], rounds_result[MaximumTensors]; /* where the processor multiplies bfloat16 */
} Call;

static int64_t count_of(const FlowTensor *tensor) {
    int64_t count = 1;
    for (int64_t i = 0; i < tensor->rank; i++) count *= tensor->shape[i];
    return count;
}

static void take_memory(FlowTensor *tensor) {
    tensor->data = malloc((size_t)count_of(tensor) * sizeof(float));
    if (tensor->data == NULL) exit(2);
}

static void lay_out(Call *call, const Subject *subject, const Sizes *sizes) {
    bool after = false;
    int shape = 0;
    char words[160];
    snprintf(words, sizeof words, "%s", subject->shapes);
    char *rest = NULL;
    for (char *word = strtok_r(words, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        if (strcmp(word, "->") == 0) {
            after = true;
            continue;
        }
        FlowTensor *tensor = after ? &call->results[call->result_count++] : &call->operands[call->operand_count++];
        tensor->rank = (int64_t)strcspn(word, "~");
        /* A convolution to one channel is of float32 throughout. */
        const bool may_round = sizes->bfloat16 && !(sizes->of['O'] == 1 && strncmp(subject->name, "flow.convolution", 16) == 0);
        const bool rounds = word[tensor->rank] == '~' && may_round && draw() % 2 == 0;
        if (after) call->rounds_result[call->result_count - 1] = rounds;
        else call->rounds_operand[call->operand_count - 1] = rounds;
        for (int64_t i = 0; i < tensor->rank; i++) call->shapes[shape][i] = sizes->of[(int)word[i]];
        tensor->shape = call->shapes[shape++];
        take_memory(tensor);
    }
}

/* Numbers from -1 to 1, but where a kernel is given what is positive by its meaning. Where products may be of bfloat16, they are
   such that rounding leaves them as they are: every instruction set then multiplies the same. */
static void fill(Call *call, const Subject *subject, const Sizes *sizes) {
    for (int64_t t = 0; t < call->operand_count; t++) {
        const FlowTensor *tensor = &call->operands[t];
        bool is_adam = strcmp(subject->name, "flow.adam") == 0;
        bool is_positive = is_adam || (strstr(subject->name, "backward") != NULL && tensor->rank < 3) ||
                           (strstr(subject->name, "scan") != NULL && t == (strstr(subject->name, "back") ? 2 : 1));
        for (int64_t i = 0; i < count_of(tensor); i++) {
            float value = (float)(int64_t)(draw() >> 40) * 0x1p-23f - 1.0f;
            if (is_positive) value = 0.75f + 0.25f * value;
            uint32_t bits;
            memcpy(&bits, &value, sizeof bits);
            if (sizes->bfloat16) bits &= 0xFFFF0000;
            memcpy(&tensor->data[i], &bits, sizeof bits);
        }
    }
    if (strcmp(subject->name, "flow.adam") == 0) {
        const float settings[8] = {0.1f, 0.9f, 0.999f, 1e-8f, 0.01f, 0.1f, 0.001f, 0.5f};
        memcpy(call->operands[0].data, settings, sizeof settings);
    }
}

/* The tensor in memory of its own, of bfloat16: numbers that rounding leaves as they are. */
static FlowTensor halved(const FlowTensor *tensor) {
    FlowTensor half = *tensor;
    half.rounded = true;
    half.data = malloc((size_t)count_of(tensor) * sizeof(uint16_t));
    if (half.data == NULL) exit(2);
    for (int64_t i = 0; i < count_of(tensor); i++) memcpy((uint16_t *)half.data + i, (char *)&tensor->data[i] + 2, 2);
    return half;
}

static void take_back(const FlowTensor *half, const FlowTensor *tensor) {
    for (int64_t i = 0; i < count_of(tensor); i++) {
        uint16_t parts[2] = {0, ((const uint16_t *)half->data)[i]};
        memcpy(&tensor->data[i], parts, sizeof parts);
    }
}

static bool perform(const Call *call, const Subject *subject, const Sizes *sizes) {
    const bool rounds = flow_multiplies_bfloat16(flow_instruction_set());
    FlowTensor operands[MaximumTensors], results[MaximumTensors];
    for (int64_t t = 0; t < call->operand_count; t++) {
        operands[t] = rounds && call->rounds_operand[t] ? halved(&call->operands[t]) : call->operands[t];
    }
    for (int64_t t = 0; t < call->result_count; t++) {
        memset(call->results[t].data, 0xFF, (size_t)count_of(&call->results[t]) * sizeof(float)); /* NaN */
        results[t] = rounds && call->rounds_result[t] ? halved(&call->results[t]) : call->results[t];
    }
    const FlowAttribute attributes[] = {
        {"stride", 6, 1, 1.0}, {"padding", 7, sizes->padding, (double)sizes->padding}, {"eps", 3, 0, 1e-5},
        {"heads", 5, sizes->of['h'], (double)sizes->of['h']}, {"bfloat16", 8, sizes->bfloat16, (double)sizes->bfloat16},
    };
    FlowCall flow = {
        .name = subject->name, .operands = operands, .operand_count = call->operand_count,
        .results = results, .result_count = call->result_count, .attributes = attributes, .attribute_count = 5};
    FlowFailure failure;
    const bool succeeded = flow_call(&flow, &failure);
    if (!succeeded) fprintf(stderr, "%s (%s): %s\n", subject->name, subject->shapes, failure.sentence);
    for (int64_t t = 0; t < call->result_count; t++) {
        if (!results[t].rounded) continue;
        take_back(&results[t], &call->results[t]);
        free(results[t].data);
    }
    for (int64_t t = 0; t < call->operand_count; t++) {
        if (operands[t].rounded) free(operands[t].data);
    }
    return succeeded;
}

/* MARK: Comparing */

static const char *set_names[] = {"baseline", "AVX2", "AVX-512", "AVX-512 with bfloat16", "emulated"};

/* How far sums of another order may differ, of the largest result; and with attention's weights, and their gradient, the points of
   Winograd's filtering, and some results rounded to bfloat16 on some sets. */
static float tolerance_of(const Subject *subject, const Sizes *sizes, bool rounds) {
    float tolerance = 2e-4f;
    if (sizes->bfloat16 && strstr(subject->name, "attention") != NULL) tolerance = 0x1p-7f;
    if (sizes->bfloat16 && strncmp(subject->name, "flow.convolution", 16) == 0) tolerance = 0x1p-4f;
    return rounds ? tolerance + 0x1p-8f : tolerance;
}

/* Whether results agree: exactly where no difference is tolerated. */
static bool agree(const float *one, const float *other, int64_t count, float tolerance) {
    float largest = 1e-3f;
    for (int64_t i = 0; i < count; i++) largest = fmaxf(largest, fabsf(other[i]));
    for (int64_t i = 0; i < count; i++) {
        bool same = memcmp(&one[i], &other[i], sizeof(float)) == 0 || fabsf(one[i] - other[i]) < tolerance * largest;
        if (!same || !isfinite(one[i])) {
            fprintf(stderr, "  element %lld of %lld: %g, not %g\n", (long long)i, (long long)count, one[i], other[i]);
            return false;
        }
    }
    return true;
}

typedef struct Exchange {
    FILE *file;
    bool writes;
} Exchange;

/* Writes results, or holds them against written ones. */
static bool exchange(const Exchange *with, const FlowTensor *result, float tolerance) {
    size_t count = (size_t)count_of(result);
    if (with->file == NULL) return true;
    if (with->writes) return fwrite(result->data, sizeof(float), count, with->file) == count;
    float *other = malloc(count * sizeof(float));
    bool same = other != NULL && fread(other, sizeof(float), count, with->file) == count &&
                agree(result->data, other, (int64_t)count, tolerance);
    free(other);
    return same;
}

/* One case on all instruction sets. */
static bool exercise(uint64_t seed, int64_t number, const Exchange *with) {
    state = seed * 0xD1342543DE82EF95u + (uint64_t)number;
    const Subject *subject = &subjects[number % SubjectCount];
    Sizes sizes = draw_sizes(subject);
    Call call = {0};
    lay_out(&call, subject, &sizes);
    fill(&call, subject, &sizes);
    float *first[MaximumTensors] = {0};
    bool good = true;
    for (int set = FlowInstructionSetBaseline; good && set <= FlowInstructionSetEmulated; set++) {
        if (!flow_set_instruction_set((FlowInstructionSet)set)) continue;
        float *alone[MaximumTensors] = {0};
        for (int threads = 1; good && threads <= 3; threads += 2) {
            flow_set_thread_count(threads);
            good = perform(&call, subject, &sizes);
            for (int64_t t = 0; good && t < call.result_count; t++) {
                const FlowTensor *result = &call.results[t];
                size_t bytes = (size_t)count_of(result) * sizeof(float);
                const float tolerance = tolerance_of(subject, &sizes, call.rounds_result[t]);
                float **kept = threads == 1 ? &alone[t] : NULL;
                if (kept != NULL) *kept = memcpy(malloc(bytes), result->data, bytes);
                else good = agree(result->data, alone[t], count_of(result), 0);
                if (!good) fprintf(stderr, "%s with 3 threads\n", set_names[set]);
                if (good && threads == 1 && first[t] == NULL) {
                    first[t] = memcpy(malloc(bytes), result->data, bytes);
                    good = exchange(with, result, tolerance);
                } else if (good && threads == 1) {
                    good = agree(result->data, first[t], count_of(result), tolerance);
                }
                if (!good) {
                    fprintf(stderr, "result %lld of %s (%s), %s:", (long long)t, subject->name, subject->shapes, set_names[set]);
                    for (int64_t i = 0; i < result->rank; i++) fprintf(stderr, " %lld", (long long)result->shape[i]);
                    fprintf(stderr, "\n");
                }
            }
        }
        for (int64_t t = 0; t < call.result_count; t++) free(alone[t]);
    }
    for (int64_t t = 0; t < call.operand_count; t++) free(call.operands[t].data);
    for (int64_t t = 0; t < call.result_count; t++) free(call.results[t].data), free(first[t]);
    if (!good) fprintf(stderr, "FAILED: seed %llu, case %lld\n", (unsigned long long)seed, (long long)number);
    return good;
}

int main(int count, char **words) {
    if (count < 3) return fprintf(stderr, "exercise SEED CASES [write FILE | compare FILE]\n"), 64;
    Exchange with = {0};
    if (count == 5) {
        with.writes = strcmp(words[3], "write") == 0;
        with.file = fopen(words[4], with.writes ? "wb" : "rb");
        if (with.file == NULL) return perror(words[4]), 1;
    }
    uint64_t seed = strtoull(words[1], NULL, 10);
    int64_t cases = strtoll(words[2], NULL, 10), failed = 0;
    for (int64_t number = 0; number < cases; number++) {
        if (!exercise(seed, number, &with)) {
            failed++;
            if (with.file != NULL && !with.writes) break; /* what follows would be out of step */
        }
    }
    if (with.file != NULL && fclose(with.file) != 0) return perror(words[4]), 1;
    printf("%lld cases, %lld failed, seed %llu\n", (long long)cases, (long long)failed, (unsigned long long)seed);
    return failed == 0 ? 0 : 1;
}
