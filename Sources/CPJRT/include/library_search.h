/* Where the dynamic loader looks for the libraries that a loaded library opens by name. */
#ifndef LIBRARY_SEARCH_H
#define LIBRARY_SEARCH_H

/* The path of the first readable file `name` in the folders searched for `opener` (a handle of dlopen): its RPATH,
   LD_LIBRARY_PATH, the system's. The loader's own cache is not among them. NULL when there is none; else free it. */
char *_Nullable pjrt_find_library(void *_Nonnull opener, const char *_Nonnull name);

#endif
