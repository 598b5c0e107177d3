#include "CZlib.h"

_Static_assert(sizeof(void *) == 8 && sizeof(long) == 8, "CZlib.h describes zlib on 64-bit (LP64) systems");
_Static_assert(offsetof(czlib_stream, next_out) == 24, "zlib's stream layout");
_Static_assert(offsetof(czlib_stream, message) == 48, "zlib's stream layout");
_Static_assert(offsetof(czlib_stream, data_type) == 88, "zlib's stream layout");
_Static_assert(sizeof(czlib_stream) == 112, "zlib's stream layout");
