# Five ways in which a decoder ends its process. Forked: that item fails, all others are made. The others: the run ends with a
# status that is not 0, the next one finds the culprit and does the rest.
command -v gcc >/dev/null || skip 'there is no compiler'
cat >poison.c <<'END'
/* Stands in front of libjpeg: what is 900 px wide is deadly in the way that $POISON says. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>

static int sink(volatile char *above)
{
	volatile char here[4096];
	here[0] = above[0];
	return sink(here) + here[0];
}

int jpeg_read_header(j_decompress_ptr jpeg, boolean require)
{
	int (*real)(j_decompress_ptr, boolean) = dlsym(RTLD_NEXT, "jpeg_read_header");
	int result = real(jpeg, require);
	const char *how = jpeg->image_width == 900 ? getenv("POISON") : "";
	volatile char start = 0;
	if (!strcmp(how, "segfault"))
		*(volatile int *)8 = 1;
	if (!strcmp(how, "abort"))
		abort();
	if (!strcmp(how, "trap"))
		__builtin_trap();
	if (!strcmp(how, "exit"))
		exit(0);
	if (!strcmp(how, "stack"))
		sink(&start);
	return result;
}
END
gcc -w -shared -fPIC -O0 -o poison.so poison.c 2>said || skip 'the fake cannot be built'
for number in 2 3; do picture in/$number.jpg orientation/$number.jpg; done
"$PYTHON" - <<'END'
from PIL import Image
Image.new("RGB", (900, 100), "red").save("in/poison.jpg")
END
age in/poison.jpg
config
poisoned() { # poisoned HOW OPTION...
	local how=$1
	shift
	POISON=$how LD_PRELOAD=$PWD/poison.so ASAN_OPTIONS=verify_asan_link_order=0:handle_segv=0:handle_abort=0:handle_sigill=0 nightmill run test.yaml "$@"
}
for executor in forked sequential threads work-stealing; do
	for how in segfault abort trap exit stack; do
		rm -rf out test.db*
		poisoned $how --executor $executor >said 2>&1
		first=$?
		case $executor in
		forked) [ $first = 3 ] || echo "$executor $how: exit $first" ;;
		*)
			[ $first != 0 ] || echo "$executor $how: the first run was a success"
			poisoned $how --executor $executor >said 2>&1
			second=$?
			[ $second = 3 ] || { echo "$executor $how: the second run was $second"; cat said; }
			;;
		esac
		grep -q '^failed: in/poison.jpg: worker' said || { echo "$executor $how: nobody is blamed"; cat said; }
		[ "$(tree out | wc -l)" = 2 ] || echo "$executor $how: $(tree out | tr '\n' ' ')"
		poisoned $how --executor $executor || echo "$executor $how: every night"
	done
	echo "$executor: five kinds"
done
