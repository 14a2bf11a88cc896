/* Templates: what they make of a record, and what is wrong with them, with line and column. */

#include "stages/render/dates.h"
#include "stages/render/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = { "name", "wish", "when", "to.name" };
static const struct fields fields = { names, 4, NULL };

static struct slot slot_of(const char *data)
{
	return (struct slot){ .data = data, .length = data ? (uint32_t)strlen(data) : 0 };
}

/* The text, or what is wrong, of a template for a record; "" for both clears the other. */
struct made {
	struct text text, wrong;
	bool secret;
};

static void made_finish(struct made *made)
{
	text_finish(&made->text);
	text_finish(&made->wrong);
}

static struct made make(
	const char *template, const struct slot *slots, enum page_target target, size_t language)
{
	struct arena arena = { 0 };
	struct problems problems = { 0 };
	struct made made = { 0 };
	struct page page;
	struct error err;
	const struct page_source source = { "t.txt", template, strlen(template) };
	const struct page_record record = { slots, 4, names, target, language };
	const bool fine = page_compile(&source, &fields, &arena, &page, &problems);
	assert_int_equal(fine, problems.count == 0);
	for (size_t i = 0; i < problems.count; i++)
		text_addf(&made.wrong, "%d:%d: %s\n", problems.list[i].place.line,
			problems.list[i].place.column, problems.list[i].text);
	if (fine && !page_add(&page, &record, &made.text, &made.secret, &err))
		text_addf(&made.wrong, "%s", err.text);
	problems_finish(&problems);
	arena_finish(&arena);
	return made;
}

static void check_text(const char *template, enum page_target target, const char *expected)
{
	const struct slot slots[] = { slot_of("Zoé <\"Z\"> & Co, 'x'"), slot_of("a kite"),
		slot_of("2026-03-01T18:30"), slot_of(NULL) };
	struct made made = make(template, slots, target, 3);
	assert_null(made.wrong.data);
	assert_string_equal(made.text.data, expected);
	made_finish(&made);
}

static void test_text(void **state)
{
	(void)state;
	check_text("", PAGE_TEXT, "");
	check_text("Hello {wish}!", PAGE_TEXT, "Hello a kite!");
	check_text("{to.name}", PAGE_TEXT, "");
	check_text("{{wish} { wish} } {} {", PAGE_TEXT, "{wish} { wish} } {} {");
	check_text("p { color: red; }\n@media x { p { color: red; }}", PAGE_TEXT,
		"p { color: red; }\n@media x { p { color: red; }}");
}

static void test_escapes(void **state)
{
	(void)state;
	check_text("{name}", PAGE_TEXT, "Zoé <\"Z\"> & Co, 'x'");
	check_text("{name}", PAGE_HTML, "Zoé &lt;&quot;Z&quot;&gt; &amp; Co, &#39;x&#39;");
	check_text("{name|raw}", PAGE_HTML, "Zoé <\"Z\"> & Co, 'x'");
	check_text("{wish},{name}", PAGE_CSV, "a kite,\"Zoé <\"\"Z\"\"> & Co, 'x'\"");
}

static void test_sections(void **state)
{
	(void)state;
	check_text("a{#wish}b{/wish}c{^wish}d{/wish}e", PAGE_TEXT, "abce");
	check_text("a{#to.name}b{#wish}c{/wish}{/to.name}{^to.name}d{/to.name}", PAGE_TEXT, "ad");
	check_text("one\n  {#wish}  \n{wish}\n{/wish}\r\ntwo\n", PAGE_TEXT, "one\na kite\ntwo\n");
	check_text("{! a remark,\nof two lines }\nx{! }y\n", PAGE_TEXT, "xy\n");
}

static void test_dates(void **state)
{
	(void)state;
	check_text("{when|date}; {when|longdate}; {when|weekday}, {when|month}", PAGE_TEXT,
		"1er mars 2026; dimanche 1er mars 2026; dimanche, mars");
}

static void check_date(const char *date, const char *language, const char *expected)
{
	struct text text = { 0 };
	const size_t number = dates_language(language, strlen(language));
	assert_true(number != SIZE_MAX);
	assert_int_equal(dates_add(&text, date, strlen(date), DATES_LONG, number), *expected != 0);
	if (*expected)
		assert_string_equal(text.data, expected);
	text_finish(&text);
}

static void test_languages(void **state)
{
	(void)state;
	check_date("2026-12-24", "en", "Thursday, 24 December 2026");
	check_date("2026-12-24", "de-AT", "Donnerstag, 24. Dezember 2026");
	check_date("2026-12-24", "ES", "jueves, 24 de diciembre de 2026");
	check_date("2026-12-24", "fr", "jeudi 24 décembre 2026");
	check_date("2026-12-24", "it", "giovedì 24 dicembre 2026");
	check_date("2026-12-24", "nl", "donderdag 24 december 2026");
	check_date("2026-12-24", "pt_BR", "quinta-feira, 24 de dezembro de 2026");
	check_date("2000-02-29", "en", "Tuesday, 29 February 2000");
	check_date("1970-01-01", "en", "Thursday, 1 January 1970");
	static const char *const none[] = { "1900-02-29", "2026-13-01", "2026-00-10", "2026-01-32",
		"2026-1-1", "2026-01-011", "x", "", "2026/01/01" };
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		check_date(none[i], "en", "");
	assert_int_equal(dates_language("den", 3), SIZE_MAX);
	assert_int_equal(dates_language("xx", 2), SIZE_MAX);
	assert_int_equal(dates_language("", 0), SIZE_MAX);
}

static void check_wrong(const char *template, const char *expected)
{
	const struct slot slots[4] = { { 0 } };
	struct made made = make(template, slots, PAGE_TEXT, 0);
	assert_non_null(made.wrong.data);
	if (!strstr(made.wrong.data, expected))
		fail_msg("'%s' gives: %s", template, made.wrong.data);
	made_finish(&made);
}

static void test_mistakes(void **state)
{
	(void)state;
	check_wrong("é {naame}", "1:3: unknown field 'naame' (did you mean 'name'?)");
	check_wrong("a\nb {#wish}\n", "2:3: the section of 'wish' is not closed");
	check_wrong("{/wish}", "1:1: '{/wish}' closes no section");
	check_wrong("{#wish}{/name}", "closes 'wish', which begins in line 1");
	check_wrong("{wish", "1:1: '{wish' has no closing brace");
	check_wrong("{wish\n}", "1:1: '{wish' has no closing brace");
	check_wrong("{wish|upper}", "1:1: unknown way to write it 'upper'");
	check_wrong("{#naame}{/naame}", "1:9: unknown field 'naame'");
	check_wrong("{! never ends", "has no closing brace");
}

static void test_no_date(void **state)
{
	struct slot slots[4] = { { 0 } };
	(void)state;
	slots[2] = slot_of("soon");
	struct made made = make("{when|date}", slots, PAGE_TEXT, 0);
	assert_string_equal(
		made.wrong.data, "'when' is no date but 'soon'; expected one like 2026-03-28");
	made_finish(&made);
	slots[2].secret = true;
	made = make("{when|date}", slots, PAGE_TEXT, 0);
	assert_null(strstr(made.wrong.data, "soon"));
	made_finish(&made);
}

static void test_secret(void **state)
{
	struct slot slots[4] = { slot_of("Ann"), slot_of("tea"), { 0 }, { 0 } };
	(void)state;
	slots[1].secret = true;
	struct made made = make("{name}", slots, PAGE_TEXT, 0);
	assert_false(made.secret);
	made_finish(&made);
	made = make("{name} {#wish}has one{/wish}", slots, PAGE_TEXT, 0);
	assert_true(made.secret);
	made_finish(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_languages),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_no_date),
		cmocka_unit_test(test_secret),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
