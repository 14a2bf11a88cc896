/* Metadata of all shapes, in both byte orders. */

#include "stages/thumbnail/carry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "stages/thumbnail/folders.h"

/* Orientation 6 and, behind it, a folder that points to a preview of four bytes at the end. */
static const char little[] =
	"II*\0\x08\0\0\0"
	"\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x1A\0\0\0"
	"\x02\0\x01\x02\x04\0\x01\0\0\0\x38\0\0\0\x02\x02\x04\0\x01\0\0\0\x04\0\0\0"
	"\0\0\0\0VIEW";
static const char big[] = "MM\0*\0\0\0\x08"
			  "\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";

static struct metadata exif_of(const char *data, size_t length)
{
	struct metadata metadata = { .exif = { .data = NULL } };
	metadata_take_exif(&metadata, data, length);
	return metadata;
}

static void test_turns_upright_and_cuts_previews(void **state)
{
	(void)state;
	struct metadata cases[] = { exif_of(little, sizeof(little) - 1),
		exif_of(big, sizeof(big) - 1) };
	for (int i = 0; i < 2; i++) {
		struct text out = { .data = NULL };
		struct folders folders;
		struct folders_entry entry;
		carry_exif(&cases[i], 10, 20, &out);
		assert_int_equal(out.length, 26);
		assert_true(folders_open(&folders, (unsigned char *)out.data, out.length));
		assert_true(folders_find(&folders, folders.first, FOLDERS_ORIENTATION, &entry));
		assert_int_equal(folders_number(&folders, &entry, 0), 1);
		assert_int_equal(folders_next(&folders, folders.first), 0);
		text_finish(&out);
		metadata_finish(&cases[i]);
	}
}

static void test_nonsense_is_nothing(void **state)
{
	(void)state;
	static const char *const cases[] = { "II*\0\xFF\xFF\xFF\xFF......", "II*\0\0\0\0\0......",
		"XX*\0\x08\0\0\0......", "" };
	for (size_t i = 0; i < 4; i++) {
		struct metadata metadata = exif_of(cases[i], i < 3 ? 14 : 0);
		struct text out = { .data = NULL };
		carry_exif(&metadata, 1, 1, &out);
		assert_int_equal(out.length, 0);
		carry_copyright(&metadata, &out);
		assert_int_equal(out.length, 0);
		text_finish(&out);
		metadata_finish(&metadata);
	}
}

static void test_xmp(void **state)
{
	(void)state;
	static const char xmp[] = "<a tiff:Orientation=\"8\"><xmp:Thumbnails>AAAA</xmp:Thumbnails>"
				  "<tiff:Orientation>3</tiff:Orientation></a>";
	struct metadata metadata = { .exif = { .data = NULL } };
	struct text out = { .data = NULL };
	metadata_take_xmp(&metadata, xmp, sizeof(xmp) - 1);
	carry_xmp(&metadata, &out);
	assert_string_equal(out.data, "<a tiff:Orientation=\"1\">"
				      "<tiff:Orientation>1</tiff:Orientation></a>");
	text_finish(&out);
	metadata_finish(&metadata);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_turns_upright_and_cuts_previews),
		cmocka_unit_test(test_nonsense_is_nothing),
		cmocka_unit_test(test_xmp),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
