/* Memory that stays with the process from step to step. */
#ifndef CPROCESSMEMORY_H
#define CPROCESSMEMORY_H

#include <stdbool.h>

/* From now on, large blocks of memory are kept for the next large blocks when they are freed; the process then stays as
   large as it once was. May be called at any time, and again. Returns false where memory is kept by nobody: with another C
   library than glibc, or where the process may not reserve addresses (ulimit -v). */
bool process_memory_keep(void);

/* Gives back to the system what the C library holds of freed blocks, such as those of a compiler that is done. With another C
   library than glibc, does nothing. */
void process_memory_trim(void);

#endif
