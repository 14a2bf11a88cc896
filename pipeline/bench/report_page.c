#include <string.h>

#include "pipeline/bench/chart.h"
#include "pipeline/bench/report.h"

/* "</script>" and "<!--" within a text would end or change the element around it. */
static void page_add_data(struct text *text, const char *json)
{
	for (size_t length; *json; json += length) {
		length = strcspn(json, "<");
		text_add(text, json, length);
		if (json[length] != '<')
			continue;
		text_add_string(text, "\\u003c");
		length++;
	}
}

void report_page(
	const struct bench *bench, const struct recommendation *recommendation, struct text *text)
{
	static const char data_mark[] = "@DATA@", library_mark[] = "@LIBRARY@";
	const char *library = strstr(chart_page, library_mark);
	const char *data = strstr(chart_page, data_mark);
	struct text json = { 0 };
	report_json(bench, recommendation, true, &json);
	text_add(text, chart_page, (size_t)(library - chart_page));
	text_add_string(text, chart_library);
	library += strlen(library_mark);
	text_add(text, library, (size_t)(data - library));
	page_add_data(text, json.data);
	text_add_string(text, data + strlen(data_mark));
	text_finish(&json);
}
