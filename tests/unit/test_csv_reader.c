#include "pipeline/stores/csv_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/scratch.h"

/* All rows as "line: [value][value]\n", a blank one as "[]"; behind them "error: text\n". */
static char *csv_read(const char *data, size_t length, char delimiter)
{
	struct csv_reader reader;
	struct error err = { 0 };
	struct text text = { 0 };
	bool end = false;
	text_add(&text, "", 0);
	scratch_write("t.csv", length ? data : "", length);
	bool fine = csv_reader_open(&reader, "t.csv", &delimiter, &err);
	while (fine && (fine = csv_reader_next(&reader, &end, &err)) && !end) {
		text_addf(&text, "%d: ", (int)reader.row_line);
		for (size_t i = 0; i < reader.count; i++)
			text_addf(&text, "[%.*s]", (int)reader.slots[i].length,
				reader.slots[i].data ? reader.slots[i].data : "");
		text_add_string(&text, "\n");
	}
	csv_reader_close(&reader);
	if (!fine)
		text_addf(&text, "error: %s\n", err.text);
	return text.data;
}

static void csv_expect(const char *data, const char *expected)
{
	char *given = csv_read(data, strlen(data), 0);
	assert_string_equal(given, expected);
	free(given);
}

static void test_rows_have_lines(void **state)
{
	(void)state;
	csv_expect("a,b\n1,2\n", "1: [a][b]\n2: [1][2]\n");
	csv_expect("a,b\n1,2", "1: [a][b]\n2: [1][2]\n");
	csv_expect("a,b\n\n  \n1,2\n\n", "1: [a][b]\n4: [1][2]\n");
	csv_expect("a,b\n\"x\ny\",2\n3,4\n", "1: [a][b]\n2: [x\ny][2]\n4: [3][4]\n");
	csv_expect("", "");
	csv_expect("\n\n", "");
}

static void test_line_ends(void **state)
{
	(void)state;
	csv_expect("a,b\r\n1,2\r\n", "1: [a][b]\n2: [1][2]\n");
	csv_expect("a,b\r1,2\r3,4", "1: [a][b]\n2: [1][2]\n3: [3][4]\n");
	csv_expect("a,b\r\n\"x\r\ny\",2\r\n3,4", "1: [a][b]\n2: [x\r\ny][2]\n4: [3][4]\n");
}

static void test_values(void **state)
{
	(void)state;
	csv_expect("a,b,c\n, ,\"\"\n", "1: [a][b][c]\n2: [][][]\n");
	csv_expect(" a , \"b \" ,c\n", "1: [a][b ][c]\n");
	csv_expect("\"a \"\"b\"\" c\",\",\"\n", "1: [a \"b\" c][,]\n");
	csv_expect("5\" disk,b\n", "1: [5\" disk][b]\n");
	csv_expect("a\n1,2,3\n", "1: [a]\n2: [1][2][3]\n");
}

static void test_delimiters(void **state)
{
	(void)state;
	csv_expect("a;b;c,d\n1;2;3\n", "1: [a][b][c,d]\n2: [1][2][3]\n");
	csv_expect("a\tb\n1\t2\n", "1: [a][b]\n2: [1][2]\n");
	csv_expect("a|b\n", "1: [a][b]\n");
	csv_expect("\"a;;;\",b\n", "1: [a;;;][b]\n");
	csv_expect("alone\n1\n", "1: [alone]\n2: [1]\n");
	char *given = csv_read("a;b,c\n", 6, ',');
	assert_string_equal(given, "1: [a;b][c]\n");
	free(given);
}

static void test_marks_of_the_encoding(void **state)
{
	(void)state;
	csv_expect("\xEF\xBB\xBF"
		   "a,b\n",
		"1: [a][b]\n");
	char *given = csv_read("\xFF\xFE"
			       "a\0",
		4, 0);
	assert_string_equal(given, "error: 't.csv' is UTF-16: save it as UTF-8\n");
	free(given);
}

static void test_a_quotation_mark_is_missing(void **state)
{
	(void)state;
	csv_expect("a,b\n1,2\n\"3,4\n5,6\n",
		"1: [a][b]\n2: [1][2]\n"
		"error: 't.csv', line 3: a quotation mark is opened and never closed; what follows "
		"cannot be told apart\n");
	size_t length = 20 << 20;
	char *large = malloc(length);
	memset(large, 'x', length);
	large[0] = '"';
	char *given = csv_read(large, length, 0);
	assert_non_null(strstr(given, "line 1: a row of more than 16 MiB"));
	free(given);
	free(large);
}

/* Rows longer than a block, and blocks that end everywhere. */
static void test_rows_across_blocks(void **state)
{
	(void)state;
	struct text data = { 0 }, expected = { 0 };
	for (int i = 1; i <= 400; i++) {
		struct text value = { 0 };
		for (int k = 0; k < i * 7 % 3001; k++)
			text_addf(&value, "%c", 'a' + (k + i) % 26);
		text_addf(&data, "%d,\"%s\"\r\n", i, value.length ? value.data : "");
		text_addf(&expected, "%d: [%d][%s]\n", i, i, value.length ? value.data : "");
		text_finish(&value);
	}
	assert_true(data.length > 512 * 1024);
	csv_expect(data.data, expected.data);
	text_finish(&data);
	text_finish(&expected);
}

static void test_what_is_no_file(void **state)
{
	(void)state;
	struct csv_reader reader;
	struct error err = { 0 };
	char delimiter = 0;
	assert_false(csv_reader_open(&reader, "absent.csv", &delimiter, &err));
	assert_int_equal(err.code, ERROR_MISSING);
	scratch_folder("folder");
	assert_false(csv_reader_open(&reader, "folder", &delimiter, &err));
	assert_non_null(strstr(err.text, "no regular file"));
}

#define CSV_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CSV_TEST(test_rows_have_lines),
		CSV_TEST(test_line_ends),
		CSV_TEST(test_values),
		CSV_TEST(test_delimiters),
		CSV_TEST(test_marks_of_the_encoding),
		CSV_TEST(test_a_quotation_mark_is_missing),
		CSV_TEST(test_rows_across_blocks),
		CSV_TEST(test_what_is_no_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
