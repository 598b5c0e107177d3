/* A block of threads as fibers: each runs to its next barrier, then the next one's turn comes. */
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "device.h"

Index threadIdx, blockIdx;

namespace {

enum { MaximumThreads = 1024, StackBytes = 1 << 17 };

struct Fiber {
    ucontext_t context;
    bool finished;
    int barrier;    /* it waits at: 0 the block's, else the mask of an exchange */
    int parity;     /* which of the two values it gives next, so that none is overwritten before it is read */
    float given[2]; /* to exchanges within the warp */
};

struct Block {
    ucontext_t scheduler;
    Fiber fibers[MaximumThreads];
    unsigned current;
    EmulatedKernel kernel;
    void **arguments;
};

Block block;
/* Kept from block to block. */
char *stacks;

void run_thread() {
    block.kernel(block.arguments);
    block.fibers[block.current].finished = true;
}

void wait(int barrier) {
    const unsigned self = block.current;
    block.fibers[self].barrier = barrier;
    swapcontext(&block.fibers[self].context, &block.scheduler);
}

void start(unsigned threads) {
    for (unsigned thread = 0; thread < threads; thread++) {
        Fiber &fiber = block.fibers[thread];
        fiber.finished = false;
        fiber.parity = 0;
        getcontext(&fiber.context);
        fiber.context.uc_stack.ss_sp = stacks + (size_t)thread * StackBytes;
        fiber.context.uc_stack.ss_size = StackBytes;
        fiber.context.uc_link = &block.scheduler;
        makecontext(&fiber.context, run_thread, 0);
    }
}

void shuffle(unsigned *turns, unsigned threads) {
    static unsigned long long state = 1;
    for (unsigned i = threads - 1; i > 0; i--) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        const unsigned other = (unsigned)(state >> 33) % (i + 1), kept = turns[i];
        turns[i] = turns[other];
        turns[other] = kept;
    }
}

/* Runs one block to its end; false when its threads part ways. */
bool run_block(unsigned threads, EmulatorOrder order) {
    unsigned turns[MaximumThreads];
    for (unsigned i = 0; i < threads; i++) turns[i] = order == EmulatorOrderDescending ? threads - 1 - i : i;
    start(threads);
    for (;;) {
        if (order == EmulatorOrderShuffled) shuffle(turns, threads);
        for (unsigned i = 0; i < threads; i++) {
            block.current = turns[i];
            threadIdx.x = turns[i];
            swapcontext(&block.scheduler, &block.fibers[turns[i]].context);
        }
        const Fiber &first = block.fibers[0];
        for (unsigned i = 1; i < threads; i++) {
            const Fiber &fiber = block.fibers[i];
            if (fiber.finished != first.finished || fiber.barrier != first.barrier) return false;
        }
        if (first.finished) return true;
    }
}

}  // namespace

extern "C" char __start_cuda_shared[], __stop_cuda_shared[];

void emulator_synchronize() { wait(0); }

float emulator_exchange(float value, int mask) {
    const unsigned self = block.current;
    Fiber &fiber = block.fibers[self];
    const int parity = fiber.parity;
    fiber.given[parity] = value;
    fiber.parity = 1 - parity;
    wait(mask);
    return block.fibers[self ^ (unsigned)mask].given[parity];
}

bool emulator_run(EmulatedKernel kernel, unsigned blocks, unsigned threads, void **arguments, EmulatorOrder order) {
    if (threads == 0 || threads > MaximumThreads || threads % 32 != 0) return false;
    if (stacks == nullptr) stacks = static_cast<char *>(malloc((size_t)MaximumThreads * StackBytes));
    block.kernel = kernel;
    block.arguments = arguments;
    for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++) {
        memset(__start_cuda_shared, 0xFF, (size_t)(__stop_cuda_shared - __start_cuda_shared));
        if (!run_block(threads, order)) return false;
    }
    return true;
}
