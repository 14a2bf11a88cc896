#include "stages/mail/gmime.h"

#include "pipeline/support/library.h"

static struct gmime gmime_table;

static const struct library_name gmime_names[] = {
	LIBRARY_NAME(gmime_table, init, g_mime_init),
	LIBRARY_NAME(gmime_table, message_new, g_mime_message_new),
	LIBRARY_NAME(gmime_table, message_get_addresses, g_mime_message_get_addresses),
	LIBRARY_NAME(gmime_table, message_set_subject, g_mime_message_set_subject),
	LIBRARY_NAME(gmime_table, message_set_message_id, g_mime_message_set_message_id),
	LIBRARY_NAME(gmime_table, message_set_date, g_mime_message_set_date),
	LIBRARY_NAME(gmime_table, message_set_mime_part, g_mime_message_set_mime_part),
	LIBRARY_NAME(gmime_table, object_set_header, g_mime_object_set_header),
	LIBRARY_NAME(gmime_table, object_set_content_type_parameter,
		g_mime_object_set_content_type_parameter),
	LIBRARY_NAME(gmime_table, object_set_content_id, g_mime_object_set_content_id),
	LIBRARY_NAME(gmime_table, object_set_disposition, g_mime_object_set_disposition),
	LIBRARY_NAME(gmime_table, object_write_to_stream, g_mime_object_write_to_stream),
	LIBRARY_NAME(gmime_table, part_new_with_type, g_mime_part_new_with_type),
	LIBRARY_NAME(gmime_table, part_set_content, g_mime_part_set_content),
	LIBRARY_NAME(gmime_table, part_set_content_encoding, g_mime_part_set_content_encoding),
	LIBRARY_NAME(gmime_table, part_set_filename, g_mime_part_set_filename),
	LIBRARY_NAME(gmime_table, multipart_new_with_subtype, g_mime_multipart_new_with_subtype),
	LIBRARY_NAME(gmime_table, multipart_set_boundary, g_mime_multipart_set_boundary),
	LIBRARY_NAME(gmime_table, multipart_add, g_mime_multipart_add),
	LIBRARY_NAME(gmime_table, stream_mem_new, g_mime_stream_mem_new),
	LIBRARY_NAME(gmime_table, stream_mem_new_with_buffer, g_mime_stream_mem_new_with_buffer),
	LIBRARY_NAME(gmime_table, stream_mem_get_byte_array, g_mime_stream_mem_get_byte_array),
	LIBRARY_NAME(
		gmime_table, data_wrapper_new_with_stream, g_mime_data_wrapper_new_with_stream),
	LIBRARY_NAME(gmime_table, format_options_new, g_mime_format_options_new),
	LIBRARY_NAME(gmime_table, format_options_free, g_mime_format_options_free),
	LIBRARY_NAME(gmime_table, format_options_set_newline_format,
		g_mime_format_options_set_newline_format),
	LIBRARY_NAME(gmime_table, parser_new_with_stream, g_mime_parser_new_with_stream),
	LIBRARY_NAME(gmime_table, parser_construct_message, g_mime_parser_construct_message),
	LIBRARY_NAME(gmime_table, message_get_subject, g_mime_message_get_subject),
	LIBRARY_NAME(gmime_table, message_get_message_id, g_mime_message_get_message_id),
	LIBRARY_NAME(gmime_table, message_foreach, g_mime_message_foreach),
	LIBRARY_NAME(gmime_table, object_remove_header, g_mime_object_remove_header),
	LIBRARY_NAME(gmime_table, object_get_header, g_mime_object_get_header),
	LIBRARY_NAME(gmime_table, object_get_content_type, g_mime_object_get_content_type),
	LIBRARY_NAME(gmime_table, object_get_content_id, g_mime_object_get_content_id),
	LIBRARY_NAME(gmime_table, object_get_disposition, g_mime_object_get_disposition),
	LIBRARY_NAME(gmime_table, content_type_is_type, g_mime_content_type_is_type),
	LIBRARY_NAME(gmime_table, content_type_get_mime_type, g_mime_content_type_get_mime_type),
	LIBRARY_NAME(gmime_table, part_get_type, g_mime_part_get_type),
	LIBRARY_NAME(gmime_table, part_get_content, g_mime_part_get_content),
	LIBRARY_NAME(gmime_table, part_get_filename, g_mime_part_get_filename),
	LIBRARY_NAME(
		gmime_table, data_wrapper_write_to_stream, g_mime_data_wrapper_write_to_stream),
	LIBRARY_NAME(gmime_table, address_list_to_string, internet_address_list_to_string),
	LIBRARY_NAME(gmime_table, type_check_instance_is_a, g_type_check_instance_is_a),
	LIBRARY_NAME(gmime_table, base64_encode, g_base64_encode),
	LIBRARY_NAME(gmime_table, free, g_free),
	LIBRARY_NAME(gmime_table, mailbox_new, internet_address_mailbox_new),
	LIBRARY_NAME(gmime_table, mailbox_get_type, internet_address_mailbox_get_type),
	LIBRARY_NAME(gmime_table, mailbox_get_idn_addr, internet_address_mailbox_get_idn_addr),
	LIBRARY_NAME(gmime_table, address_set_charset, internet_address_set_charset),
	LIBRARY_NAME(gmime_table, address_list_length, internet_address_list_length),
	LIBRARY_NAME(gmime_table, address_list_get_address, internet_address_list_get_address),
	LIBRARY_NAME(gmime_table, address_list_clear, internet_address_list_clear),
	LIBRARY_NAME(gmime_table, address_list_add, internet_address_list_add),
	LIBRARY_NAME(gmime_table, object_unref, g_object_unref),
	LIBRARY_NAME(gmime_table, date_time_new_from_iso8601, g_date_time_new_from_iso8601),
	LIBRARY_NAME(gmime_table, date_time_unref, g_date_time_unref),
};

static bool gmime_start(struct error *err)
{
	(void)err;
	gmime_table.init();
	return true;
}

static struct library gmime_library =
	LIBRARY_STARTED("libgmime-3.0.so.0", gmime_names, gmime_table, gmime_start);

const struct gmime *gmime_need(struct error *err)
{
	return library_need(&gmime_library, err) ? &gmime_table : NULL;
}

void gmime_write(const struct gmime *gmime, GMimeMessage *mail, struct text *out)
{
	GMimeStream *stream = gmime->stream_mem_new();
	GMimeFormatOptions *format = gmime->format_options_new();
	gmime->format_options_set_newline_format(format, GMIME_NEWLINE_FORMAT_DOS);
	gmime->object_write_to_stream((GMimeObject *)mail, format, stream);
	const GByteArray *bytes = gmime->stream_mem_get_byte_array((GMimeStreamMem *)stream);
	text_add(out, bytes->data, bytes->len);
	gmime->format_options_free(format);
	gmime->object_unref(stream);
}

GMimeMessage *gmime_parse(const struct gmime *gmime, const char *bytes, size_t length)
{
	GMimeStream *stream = gmime->stream_mem_new_with_buffer(bytes, length);
	GMimeParser *parser = gmime->parser_new_with_stream(stream);
	GMimeMessage *mail = gmime->parser_construct_message(parser, NULL);
	gmime->object_unref(parser);
	gmime->object_unref(stream);
	return mail;
}
