/* Vectors of FLOW_WIDTH floats for the loops in vector/; included once per instruction set.
   The includer defines FLOW_WIDTH, FLOW_FUSED (1 where the machine multiplies and adds in one instruction) and
   FLOW_TILE_ROWS, the rows of a product's tile that its registers hold. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if FLOW_WIDTH == 16
#include <immintrin.h>
#endif

#pragma STDC FP_CONTRACT OFF

#define FLOW_INLINE static inline __attribute__((always_inline, unused))

typedef float Vector __attribute__((vector_size(FLOW_WIDTH * 4)));
typedef float VectorInMemory __attribute__((vector_size(FLOW_WIDTH * 4), aligned(4), may_alias));
typedef int32_t VectorOfInt __attribute__((vector_size(FLOW_WIDTH * 4)));

FLOW_INLINE Vector load(const float *from) { return *(const VectorInMemory *)from; }
FLOW_INLINE void store(float *to, Vector value) { *(VectorInMemory *)to = value; }
FLOW_INLINE Vector splat(float value) { return value - (Vector){0}; }

/* The first `count` (at most FLOW_WIDTH) floats, the others 0. */
FLOW_INLINE Vector load_some(const float *from, int64_t count) {
    if (count >= FLOW_WIDTH) return load(from);
    Vector value = {0};
    for (int64_t i = 0; i < count; i++) value[i] = from[i];
    return value;
}

FLOW_INLINE void store_some(float *to, Vector value, int64_t count) {
    if (count >= FLOW_WIDTH) {
        store(to, value);
        return;
    }
    for (int64_t i = 0; i < count; i++) to[i] = value[i];
}

/* a * b + c */
FLOW_INLINE Vector multiply_add(Vector a, Vector b, Vector c) {
#if FLOW_FUSED
    return __builtin_elementwise_fma(a, b, c);
#else
    return a * b + c;
#endif
}

FLOW_INLINE Vector choose(VectorOfInt mask, Vector yes, Vector no) {
    return (Vector)((mask & (VectorOfInt)yes) | (~mask & (VectorOfInt)no));
}

/* NaN in `a` stays NaN in the next two. */
FLOW_INLINE Vector at_least(Vector a, Vector least) { return choose(a < least, least, a); }
FLOW_INLINE Vector at_most(Vector a, Vector most) { return choose(a > most, most, a); }

typedef uint32_t VectorOfBits __attribute__((vector_size(FLOW_WIDTH * 4)));
typedef uint16_t VectorOfHalves __attribute__((vector_size(FLOW_WIDTH * 2)));
typedef uint16_t VectorOfHalvesInMemory __attribute__((vector_size(FLOW_WIDTH * 2), aligned(2), may_alias));

/* The nearest bfloat16, of two equally near ones the even, in the upper half of every lane; NaN stays NaN. */
FLOW_INLINE VectorOfBits rounded_bits(Vector x) {
    VectorOfBits bits = (VectorOfBits)x;
    VectorOfBits nearest = bits + 0x7FFF + ((bits >> 16) & 1), nan = bits | 0x400000;
    return (VectorOfBits)choose(x == x, (Vector)nearest, (Vector)nan) & 0xFFFF0000;
}

/* The first `count` halves (at most FLOW_WIDTH), each in the lower half of its lane, the others 0. */
FLOW_INLINE VectorOfBits load_halves(const uint16_t *from, int64_t count) {
    VectorOfHalves halves = {0};
    if (count >= FLOW_WIDTH) halves = *(const VectorOfHalvesInMemory *)from;
    else memcpy(&halves, from, count > 0 ? (size_t)count * sizeof(uint16_t) : 0);
    return __builtin_convertvector(halves, VectorOfBits);
}

/* The first `count` (at most FLOW_WIDTH) numbers from `index` on, the others 0. */
FLOW_INLINE Vector load_numbers(FlowNumbers from, int64_t index, int64_t count) {
    if (!from.rounded) return load_some((const float *)from.at + index, count);
    return (Vector)(load_halves((const uint16_t *)from.at + index, count) << 16);
}

FLOW_INLINE void store_numbers(FlowNumbers to, int64_t index, Vector value, int64_t count) {
    if (!to.rounded) {
        store_some((float *)to.at + index, value, count);
        return;
    }
    VectorOfHalves halves = __builtin_convertvector(rounded_bits(value) >> 16, VectorOfHalves);
    uint16_t *at = (uint16_t *)to.at + index;
    if (count >= FLOW_WIDTH) *(VectorOfHalvesInMemory *)at = halves;
    else memcpy(at, &halves, (size_t)count * sizeof(uint16_t));
}

FLOW_INLINE float sum(Vector value) {
    float parts[FLOW_WIDTH];
    store(parts, value);
    for (int step = FLOW_WIDTH / 2; step > 0; step /= 2) {
        for (int i = 0; i < step; i++) parts[i] += parts[i + step];
    }
    return parts[0];
}

#if FLOW_WIDTH == 16
/* y 2^floor(whole); under- and overflow go to 0 and infinity. */
FLOW_INLINE Vector scale_by_power(Vector y, Vector whole) { return (Vector)_mm512_scalef_ps((__m512)y, (__m512)whole); }
FLOW_INLINE Vector rounded(Vector x) {
    return (Vector)_mm512_roundscale_ps((__m512)x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
#else
/* y 2^whole for whole numbers from -126 to 127. */
FLOW_INLINE Vector scale_by_power(Vector y, Vector whole) {
    const Vector magic = splat(12582912.0f); /* 1.5 * 2^23: the sum's last bits are the whole number */
    return (Vector)((VectorOfInt)y + ((VectorOfInt)(whole + magic) << 23));
}
FLOW_INLINE Vector rounded(Vector x) {
    const Vector magic = splat(12582912.0f);
    return (x + magic) - magic;
}
#endif

FLOW_INLINE Vector within(Vector x, float least, float most) { return at_most(at_least(x, splat(least)), splat(most)); }

/* 2^x within 2 units in the last place for x in [-126, 127]; beyond, as there or nearer to 0 and infinity. */
#if FLOW_WIDTH == 16
static const Vector exp2_low = { /* 2^(i / 32) */
    1.0f, 1.0218972f, 1.0442737f, 1.0671405f, 1.0905077f, 1.1143868f, 1.1387886f, 1.1637249f,
    1.1892071f, 1.2152474f, 1.2418578f, 1.269051f, 1.2968396f, 1.3252367f, 1.3542556f, 1.38391f,
};
static const Vector exp2_high = { /* 2^(1/2 + i / 32) */
    1.4142135f, 1.4451808f, 1.4768262f, 1.5091645f, 1.5422108f, 1.5759809f, 1.6104903f, 1.6457555f,
    1.6817929f, 1.7186193f, 1.7562522f, 1.7947091f, 1.8340081f, 1.8741677f, 1.9152066f, 1.9571441f,
};

/* The power to the nearest 32nd from a table in two registers, a short minimax polynomial for the rest. */
FLOW_INLINE Vector exp2_vector(Vector x) {
    const Vector magic = splat(393216.0f); /* 1.5 * 2^18: the sum's last five bits count 32nds */
    Vector sum = x + magic, near = sum - magic, rest = x - near; /* in [-1/64, 1/64] */
    Vector power = (Vector)_mm512_permutex2var_ps((__m512)exp2_low, (__m512i)sum, (__m512)exp2_high);
    Vector y = multiply_add(splat(0.2402265070f), rest, splat(0.6931573438f));
    return scale_by_power(multiply_add(power * rest, y, power), near);
}
#else
FLOW_INLINE Vector exp2_vector(Vector x) {
    x = within(x, -126.0f, 127.0f);
    Vector whole = rounded(x), fraction = x - whole; /* in [-0.5, 0.5] */
    /* Minimax polynomial of 2^fraction. */
    Vector y = splat(0.0001535336196f);
    y = multiply_add(y, fraction, splat(0.001339887472f));
    y = multiply_add(y, fraction, splat(0.00961843736f));
    y = multiply_add(y, fraction, splat(0.0555033247f));
    y = multiply_add(y, fraction, splat(0.2402264791f));
    y = multiply_add(y, fraction, splat(0.6931472029f));
    y = multiply_add(y, fraction, splat(1.0f));
    return scale_by_power(y, whole);
}
#endif

#if FLOW_WIDTH == 16
#define INTERLEAVE_LOW(a, b) \
    __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define INTERLEAVE_HIGH(a, b) \
    __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif FLOW_WIDTH == 8
#define INTERLEAVE_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define INTERLEAVE_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define INTERLEAVE_LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define INTERLEAVE_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#endif

/* Exchanges rows and columns. Interleaving the upper half of the rows with the lower half moves one bit of the row
   number into the column number; doing so for every bit exchanges the two. */
FLOW_INLINE void transpose_block(Vector block[FLOW_WIDTH]) {
    Vector mixed[FLOW_WIDTH];
    for (int step = 1; step < FLOW_WIDTH; step *= 2) {
        for (int i = 0; i < FLOW_WIDTH / 2; i++) {
            mixed[2 * i] = INTERLEAVE_LOW(block[i], block[i + FLOW_WIDTH / 2]);
            mixed[2 * i + 1] = INTERLEAVE_HIGH(block[i], block[i + FLOW_WIDTH / 2]);
        }
        for (int i = 0; i < FLOW_WIDTH; i++) block[i] = mixed[i];
    }
}

/* e^x to about 1e-7 relative, for x in [-87, 88]; beyond, as there or nearer to 0 and infinity. */
FLOW_INLINE Vector exp_vector(Vector x) {
    x = within(x, -87.0f, 88.0f);
    Vector whole = rounded(x * splat(1.44269504088896341f));
    /* ln 2 in two parts: the first has enough trailing zeros that whole * it is exact. */
    Vector rest = multiply_add(whole, splat(-0.693359375f), x);
    rest = multiply_add(whole, splat(2.12194440054690583e-4f), rest);
    Vector y = splat(0.001386372797f);
    y = multiply_add(y, rest, splat(0.008367542729f));
    y = multiply_add(y, rest, splat(0.04166723996f));
    y = multiply_add(y, rest, splat(0.1666653354f));
    y = multiply_add(y, rest, splat(0.5f));
    y = multiply_add(y * rest, rest, rest) + splat(1.0f);
    return scale_by_power(y, whole);
}

/* 1 / (1 + e^-x) */
FLOW_INLINE Vector logistic(Vector x) { return splat(1.0f) / (splat(1.0f) + exp_vector(-x)); }
