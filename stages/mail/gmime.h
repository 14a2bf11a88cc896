#ifndef NIGHTMILL_STAGES_MAIL_GMIME_H
#define NIGHTMILL_STAGES_MAIL_GMIME_H

/* GMime, loaded when the first mail is made. */

#include <gmime/gmime.h>

#include "pipeline/support/error.h"
#include "pipeline/support/text.h"

/* Its functions, and GLib's, under their own names. */
struct gmime {
	__typeof__(g_mime_init) *init;
	__typeof__(g_mime_message_new) *message_new;
	__typeof__(g_mime_message_get_addresses) *message_get_addresses;
	__typeof__(g_mime_message_set_subject) *message_set_subject;
	__typeof__(g_mime_message_set_message_id) *message_set_message_id;
	__typeof__(g_mime_message_set_date) *message_set_date;
	__typeof__(g_mime_message_set_mime_part) *message_set_mime_part;
	__typeof__(g_mime_object_set_header) *object_set_header;
	__typeof__(g_mime_object_set_content_type_parameter) *object_set_content_type_parameter;
	__typeof__(g_mime_object_set_content_id) *object_set_content_id;
	__typeof__(g_mime_object_set_disposition) *object_set_disposition;
	__typeof__(g_mime_object_write_to_stream) *object_write_to_stream;
	__typeof__(g_mime_part_new_with_type) *part_new_with_type;
	__typeof__(g_mime_part_set_content) *part_set_content;
	__typeof__(g_mime_part_set_content_encoding) *part_set_content_encoding;
	__typeof__(g_mime_part_set_filename) *part_set_filename;
	__typeof__(g_mime_multipart_new_with_subtype) *multipart_new_with_subtype;
	__typeof__(g_mime_multipart_set_boundary) *multipart_set_boundary;
	__typeof__(g_mime_multipart_add) *multipart_add;
	__typeof__(g_mime_stream_mem_new) *stream_mem_new;
	__typeof__(g_mime_stream_mem_new_with_buffer) *stream_mem_new_with_buffer;
	__typeof__(g_mime_stream_mem_get_byte_array) *stream_mem_get_byte_array;
	__typeof__(g_mime_data_wrapper_new_with_stream) *data_wrapper_new_with_stream;
	__typeof__(g_mime_format_options_new) *format_options_new;
	__typeof__(g_mime_format_options_free) *format_options_free;
	__typeof__(g_mime_format_options_set_newline_format) *format_options_set_newline_format;
	__typeof__(g_mime_parser_new_with_stream) *parser_new_with_stream;
	__typeof__(g_mime_parser_construct_message) *parser_construct_message;
	__typeof__(g_mime_message_get_subject) *message_get_subject;
	__typeof__(g_mime_message_get_message_id) *message_get_message_id;
	__typeof__(g_mime_message_foreach) *message_foreach;
	__typeof__(g_mime_object_remove_header) *object_remove_header;
	__typeof__(g_mime_object_get_header) *object_get_header;
	__typeof__(g_mime_object_get_content_type) *object_get_content_type;
	__typeof__(g_mime_object_get_content_id) *object_get_content_id;
	__typeof__(g_mime_object_get_disposition) *object_get_disposition;
	__typeof__(g_mime_content_type_is_type) *content_type_is_type;
	__typeof__(g_mime_content_type_get_mime_type) *content_type_get_mime_type;
	__typeof__(g_mime_part_get_type) *part_get_type;
	__typeof__(g_mime_part_get_content) *part_get_content;
	__typeof__(g_mime_part_get_filename) *part_get_filename;
	__typeof__(g_mime_data_wrapper_write_to_stream) *data_wrapper_write_to_stream;
	__typeof__(internet_address_list_to_string) *address_list_to_string;
	__typeof__(g_type_check_instance_is_a) *type_check_instance_is_a;
	__typeof__(g_base64_encode) *base64_encode;
	__typeof__(g_free) *free;
	__typeof__(internet_address_mailbox_new) *mailbox_new;
	__typeof__(internet_address_mailbox_get_type) *mailbox_get_type;
	__typeof__(internet_address_mailbox_get_idn_addr) *mailbox_get_idn_addr;
	__typeof__(internet_address_set_charset) *address_set_charset;
	__typeof__(internet_address_list_length) *address_list_length;
	__typeof__(internet_address_list_get_address) *address_list_get_address;
	__typeof__(internet_address_list_clear) *address_list_clear;
	__typeof__(internet_address_list_add) *address_list_add;
	__typeof__(g_object_unref) *object_unref;
	__typeof__(g_date_time_new_from_iso8601) *date_time_new_from_iso8601;
	__typeof__(g_date_time_unref) *date_time_unref;
};

/* The loaded and started library, which lives as long as the process; NULL and an error where it
 * cannot be loaded. From any thread. */
const struct gmime *gmime_need(struct error *err);

/* Adds the mail's bytes, lines ending in CRLF. */
void gmime_write(const struct gmime *gmime, GMimeMessage *mail, struct text *out);

/* The mail that these bytes are, to be unreferenced; NULL where they are none. */
GMimeMessage *gmime_parse(const struct gmime *gmime, const char *bytes, size_t length);

#endif
