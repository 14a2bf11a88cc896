#include "pipeline/bench/chart.h"

/* Where Debian installs it; elsewhere: make CPPFLAGS='-DNIGHTMILL_CHART_JS="..."'. */
#ifndef NIGHTMILL_CHART_JS
#define NIGHTMILL_CHART_JS "/usr/share/javascript/chart.js/chart.min.js"
#endif
#if !__has_include(NIGHTMILL_CHART_JS)
#error "Chart.js is missing: \"make deps\" names and installs it"
#endif

/* The assembler reads the file, whatever its size. */
#define CHART_FILE(symbol, path)                    \
	__asm__(".pushsection .rodata\n"            \
		".global " symbol "\n" symbol ":\n" \
		".incbin \"" path "\"\n"            \
		".byte 0\n"                         \
		".popsection\n")

CHART_FILE("chart_page", "pipeline/bench/page.html");
CHART_FILE("chart_library", NIGHTMILL_CHART_JS);
