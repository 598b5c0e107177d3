/* Loading oneDNN, and its primitives kept by shape. Only the owner thread makes and runs primitives. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onednn.h"

static OneDNN library;
static bool loaded;
static OneDNNEngineRef engine;
static OneDNNStreamRef stream;
static void (*set_openmp_threads)(int);

/* How oneDNN cuts its work depends on the team that it finds, when a primitive is made and when it runs. */
static void size_team(void) {
    if (set_openmp_threads != NULL) set_openmp_threads(flow_thread_count());
}

/* MARK: Loading */

typedef struct Symbol {
    const char *name;
    size_t offset;
} Symbol;

#define SYMBOL(field) {"dnnl_" #field, offsetof(OneDNN, field)}
static const Symbol symbols[] = {
    SYMBOL(version),
    SYMBOL(engine_create),
    SYMBOL(stream_create),
    SYMBOL(stream_wait),
    SYMBOL(memory_desc_create_with_strides),
    SYMBOL(memory_desc_create_with_tag),
    SYMBOL(memory_desc_destroy),
    SYMBOL(memory_desc_equal),
    SYMBOL(memory_desc_get_size),
    SYMBOL(memory_create),
    SYMBOL(memory_set_data_handle),
    SYMBOL(memory_destroy),
    SYMBOL(primitive_attr_create),
    SYMBOL(primitive_attr_destroy),
    SYMBOL(primitive_attr_set_scratchpad_mode),
    SYMBOL(primitive_attr_set_post_ops),
    SYMBOL(post_ops_create),
    SYMBOL(post_ops_destroy),
    SYMBOL(post_ops_append_sum),
    SYMBOL(post_ops_append_binary),
    SYMBOL(primitive_create),
    SYMBOL(primitive_execute),
    SYMBOL(primitive_destroy),
    SYMBOL(primitive_desc_destroy),
    SYMBOL(primitive_desc_query_md),
    SYMBOL(reorder_primitive_desc_create),
    SYMBOL(convolution_forward_primitive_desc_create),
    SYMBOL(convolution_backward_data_primitive_desc_create),
    SYMBOL(convolution_backward_weights_primitive_desc_create),
};
#undef SYMBOL

static bool load(const char *path, FlowFailure *failure) {
    const FlowCall call = {.name = "oneDNN"};
    /* libgomp reads this when it is loaded: its idle workers soon sleep, since this library's own team and XLA's threads
       need the cores between calls. */
    setenv("GOMP_SPINCOUNT", "1000", 0);
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) return flow_fail(&call, failure, FlowFailureKindUnavailable, "cannot load: %s.", dlerror());
    OneDNN found;
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        void *address = dlsym(handle, symbols[i].name);
        if (address == NULL) {
            return flow_fail(
                &call, failure, FlowFailureKindUnavailable, "%s lacks %s; oneDNN 3 is needed.", path, symbols[i].name);
        }
        memcpy((char *)&found + symbols[i].offset, &address, sizeof address);
    }
    const OneDNNVersion *version = found.version();
    if (version->major != 3) {
        return flow_fail(
            &call, failure, FlowFailureKindUnavailable, "%s is version %d.%d; version 3 is needed.", path,
            version->major, version->minor);
    }
    int status = found.engine_create(&engine, OneDNNEngineCPU, 0);
    if (status == OneDNNSuccess) status = found.stream_create(&stream, engine, OneDNNStreamInOrder);
    if (status != OneDNNSuccess) return flow_onednn_refused(&call, failure, status, "a CPU engine");
    library = found;
    set_openmp_threads = (void (*)(int))dlsym(handle, "omp_set_num_threads");
    loaded = true;
    return true;
}

typedef struct Loading {
    const char *path;
    FlowFailure *failure;
    bool succeeded;
} Loading;

static void load_as_owner(void *context) {
    Loading *loading = context;
    loading->succeeded = loaded || load(loading->path, loading->failure);
}

bool flow_load_onednn(const char *path, FlowFailure *failure) {
    *failure = (FlowFailure){FlowFailureKindNone, ""};
    Loading loading = {path, failure, false};
    flow_own(load_as_owner, &loading);
    return loading.succeeded;
}

typedef struct VersionQuestion {
    const OneDNNVersion *version;
} VersionQuestion;

static void version_as_owner(void *context) {
    ((VersionQuestion *)context)->version = loaded ? library.version() : NULL;
}

bool flow_onednn_version(int *major, int *minor, int *patch) {
    VersionQuestion question = {NULL};
    flow_own(version_as_owner, &question);
    if (question.version == NULL) return false;
    *major = question.version->major;
    *minor = question.version->minor;
    *patch = question.version->patch;
    return true;
}

const OneDNN *flow_onednn(const FlowCall *call, FlowFailure *failure) {
    if (loaded) {
        size_team();
        return &library;
    }
    flow_fail(call, failure, FlowFailureKindUnavailable, "needs oneDNN, and none is loaded.");
    return NULL;
}

OneDNNEngineRef flow_onednn_engine(void) { return engine; }

bool flow_onednn_refused(const FlowCall *call, FlowFailure *failure, int status, const char *what) {
    return flow_fail(call, failure, FlowFailureKindInternal, "oneDNN refused %s with status %d.", what, status);
}

/* MARK: Layouts */

OneDNNMemoryDescriptorRef flow_layout(int rank, const int64_t *sizes, const int64_t *strides) {
    OneDNNMemoryDescriptorRef layout = NULL;
    OneDNNSizes s = {0}, t = {0};
    memcpy(s, sizes, (size_t)rank * sizeof(int64_t));
    memcpy(t, strides, (size_t)rank * sizeof(int64_t));
    library.memory_desc_create_with_strides(&layout, rank, s, OneDNNFloat32, t);
    return layout;
}

OneDNNMemoryDescriptorRef flow_any_layout(int rank, const int64_t *sizes) {
    OneDNNMemoryDescriptorRef layout = NULL;
    OneDNNSizes s = {0};
    memcpy(s, sizes, (size_t)rank * sizeof(int64_t));
    library.memory_desc_create_with_tag(&layout, rank, s, OneDNNFloat32, OneDNNFormatAny);
    return layout;
}

/* MARK: Primitives */

enum { Buckets = 256, PackedSlot = 6, ScratchpadSlot = 7 };
static FlowPrimitive *table[Buckets];

static FlowPrimitive **bucket(const FlowPrimitiveKey *key) {
    uint32_t hash = 2166136261u;
    for (int i = 0; i < FlowPrimitiveKeySize; i++) hash = (hash ^ (uint32_t)key->values[i]) * 16777619u;
    return &table[(hash ^ hash >> 16) % Buckets];
}

FlowPrimitive *flow_primitive_find(const FlowPrimitiveKey *key) {
    FlowPrimitive *primitive = *bucket(key);
    while (primitive != NULL && memcmp(&primitive->key, key, sizeof *key) != 0) primitive = primitive->next;
    return primitive;
}

static int make_memory(OneDNNMemoryRef *memory, OneDNNMemoryDescriptorRef layout) {
    return library.memory_create(memory, layout, engine, NULL);
}

static int make_reorder(FlowPrimitive *made, const FlowRecipe *recipe, OneDNNMemoryDescriptorRef packed) {
    OneDNNMemoryDescriptorRef plain = recipe->layouts[recipe->weights];
    OneDNNPrimitiveDescriptorRef descriptor = NULL;
    int status = recipe->weights_are_result
                     ? library.reorder_primitive_desc_create(&descriptor, packed, engine, plain, engine, NULL)
                     : library.reorder_primitive_desc_create(&descriptor, plain, engine, packed, engine, NULL);
    if (status == OneDNNSuccess) status = library.primitive_create(&made->reorder, descriptor);
    if (status == OneDNNSuccess) status = make_memory(&made->plain, plain);
    if (descriptor != NULL) library.primitive_desc_destroy(descriptor);
    made->packed_bytes = library.memory_desc_get_size(packed);
    return status;
}

static int make(FlowPrimitive *made, const FlowRecipe *recipe) {
    int status = library.primitive_create(&made->primitive, recipe->descriptor);
    OneDNNMemoryDescriptorRef packed =
        library.primitive_desc_query_md(recipe->descriptor, recipe->weights_query, 0);
    made->argument_count = recipe->argument_count;
    made->weights = recipe->weights;
    made->weights_are_result = recipe->weights_are_result;
    for (int i = 0; i < recipe->argument_count && status == OneDNNSuccess; i++) {
        made->arguments[i].argument = recipe->arguments[i];
        status = make_memory(&made->arguments[i].memory, i == recipe->weights ? packed : recipe->layouts[i]);
    }
    if (status == OneDNNSuccess && !library.memory_desc_equal(packed, recipe->layouts[recipe->weights])) {
        status = make_reorder(made, recipe, packed);
    }
    OneDNNMemoryDescriptorRef scratchpad =
        library.primitive_desc_query_md(recipe->descriptor, OneDNNQueryScratchpad, 0);
    made->scratchpad_bytes = library.memory_desc_get_size(scratchpad);
    if (status == OneDNNSuccess) status = make_memory(&made->scratchpad, scratchpad);
    return status;
}

static void discard(FlowPrimitive *made) {
    if (made->primitive != NULL) library.primitive_destroy(made->primitive);
    if (made->reorder != NULL) library.primitive_destroy(made->reorder);
    if (made->plain != NULL) library.memory_destroy(made->plain);
    if (made->scratchpad != NULL) library.memory_destroy(made->scratchpad);
    for (int i = 0; i < made->argument_count; i++) {
        if (made->arguments[i].memory != NULL) library.memory_destroy(made->arguments[i].memory);
    }
    free(made);
}

FlowPrimitive *flow_primitive_keep(
    const FlowCall *call, const FlowPrimitiveKey *key, FlowRecipe *recipe, FlowFailure *failure) {
    FlowPrimitive *made = calloc(1, sizeof *made);
    int status = OneDNNSuccess;
    if (made == NULL) {
        flow_fail(call, failure, FlowFailureKindInternal, "out of memory.");
    } else {
        made->key = *key;
        status = make(made, recipe);
    }
    library.primitive_desc_destroy(recipe->descriptor);
    for (int i = 0; i < recipe->argument_count; i++) library.memory_desc_destroy(recipe->layouts[i]);
    if (made == NULL) return NULL;
    if (status != OneDNNSuccess) {
        discard(made);
        flow_onednn_refused(call, failure, status, "the primitive");
        return NULL;
    }
    FlowPrimitive **place = bucket(key);
    made->next = *place;
    *place = made;
    return made;
}

bool flow_primitive_run(const FlowCall *call, FlowPrimitive *primitive, void *const *data, FlowFailure *failure) {
    OneDNNArgument arguments[FlowPrimitiveArguments + 1];
    void *packed = NULL;
    void *scratchpad = NULL;
    if (primitive->reorder != NULL) packed = flow_scratch(PackedSlot, (int64_t)primitive->packed_bytes);
    if (primitive->scratchpad_bytes > 0) {
        scratchpad = flow_scratch(ScratchpadSlot, (int64_t)primitive->scratchpad_bytes);
    }
    if ((primitive->reorder != NULL && packed == NULL) || (primitive->scratchpad_bytes > 0 && scratchpad == NULL)) {
        return flow_fail(call, failure, FlowFailureKindInternal, "out of memory.");
    }
    for (int i = 0; i < primitive->argument_count; i++) {
        arguments[i] = primitive->arguments[i];
        bool through_packed = i == primitive->weights && primitive->reorder != NULL;
        library.memory_set_data_handle(arguments[i].memory, through_packed ? packed : data[i]);
    }
    library.memory_set_data_handle(primitive->scratchpad, scratchpad);
    arguments[primitive->argument_count] = (OneDNNArgument){OneDNNArgumentScratchpad, primitive->scratchpad};
    OneDNNMemoryRef inside = primitive->arguments[primitive->weights].memory;
    OneDNNArgument packing[2] = {
        {OneDNNArgumentSource, primitive->weights_are_result ? inside : primitive->plain},
        {OneDNNArgumentDestination, primitive->weights_are_result ? primitive->plain : inside},
    };
    int status = OneDNNSuccess;
    size_team();
    if (primitive->reorder != NULL) {
        library.memory_set_data_handle(primitive->plain, data[primitive->weights]);
        if (!primitive->weights_are_result) status = library.primitive_execute(primitive->reorder, stream, 2, packing);
    }
    if (status == OneDNNSuccess) {
        status = library.primitive_execute(primitive->primitive, stream, primitive->argument_count + 1, arguments);
    }
    if (status == OneDNNSuccess && primitive->reorder != NULL && primitive->weights_are_result) {
        status = library.primitive_execute(primitive->reorder, stream, 2, packing);
    }
    if (status == OneDNNSuccess) status = library.stream_wait(stream);
    return status == OneDNNSuccess || flow_onednn_refused(call, failure, status, "to run");
}
