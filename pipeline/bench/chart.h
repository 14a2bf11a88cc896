#ifndef NIGHTMILL_BENCH_CHART_H
#define NIGHTMILL_BENCH_CHART_H

/* Files that are built into the program. Read-only. */

/* page.html beside this file: a NUL follows. */
extern const char chart_page[];

/* Chart.js (MIT) as Debian's libjs-chart.js has it: a NUL follows. */
extern const char chart_library[];

#endif
