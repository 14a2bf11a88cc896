#include "pipeline/support/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static pthread_mutex_t library_mutex = PTHREAD_MUTEX_INITIALIZER;

static bool library_load(const struct library *library, struct error *err)
{
	void *handle = dlopen(library->soname, RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		return fail(err, ERROR_UNSUPPORTED, "a library cannot be loaded: %s", dlerror());
	for (size_t i = 0; i < library->count; i++) {
		const struct library_name *name = &library->names[i];
		void *symbol = dlsym(handle, name->symbol);
		if (!symbol)
			return fail(err, ERROR_UNSUPPORTED, "%s has no %s", library->soname,
				name->symbol);
		memcpy((char *)library->table + name->offset, &symbol, sizeof(symbol));
	}
	return true;
}

bool library_need(struct library *library, struct error *err)
{
	pthread_mutex_lock(&library_mutex);
	if (library->state == LIBRARY_UNTRIED)
		library->state =
			library_load(library, &library->failure) &&
					(!library->start || library->start(&library->failure))
				? LIBRARY_READY
				: LIBRARY_FAILED;
	const bool ready = library->state == LIBRARY_READY;
	pthread_mutex_unlock(&library_mutex);
	if (!ready)
		*err = library->failure;
	return ready;
}
