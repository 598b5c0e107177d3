#define _GNU_SOURCE
#include "pjrt_functions.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

char *pjrt_find_library(void *opener, const char *name) {
    Dl_serinfo size;
    if (dlinfo(opener, RTLD_DI_SERINFOSIZE, &size) != 0) return NULL;
    Dl_serinfo *folders = malloc(size.dls_size);
    if (!folders) return NULL;
    char *found = NULL;
    /* The list has to be told its own size before it is filled. */
    folders->dls_size = size.dls_size;
    folders->dls_cnt = size.dls_cnt;
    if (dlinfo(opener, RTLD_DI_SERINFO, folders) == 0) {
        for (unsigned i = 0; i < folders->dls_cnt && !found; i++) {
            if (asprintf(&found, "%s/%s", folders->dls_serpath[i].dls_name, name) < 0) found = NULL;
            if (found && access(found, R_OK) != 0) {
                free(found);
                found = NULL;
            }
        }
    }
    free(folders);
    return found;
}
