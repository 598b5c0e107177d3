/* Memory that stays with the process from step to step. */
#ifndef CPROCESSMEMORY_H
#define CPROCESSMEMORY_H

#include <stdbool.h>

/* Asks the C library to keep freed memory for reuse instead of returning it to the system; the process then stays as
   large as it once was. To be called once, early, before other threads start. Returns false where the C library has no
   such setting. */
bool process_memory_keep(void);

#endif
