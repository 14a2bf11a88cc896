#ifndef NIGHTMILL_TESTS_JPEGS_H
#define NIGHTMILL_TESTS_JPEGS_H

/* Small JPEGs of every kind, and what our own decoder makes of JPEGs beside libjpeg-turbo. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stages/thumbnail/jpeg/scaled.h"

enum { JPEGS_AHEAD = 16 }; /* bytes */

struct jpegs_spec {
	unsigned width, height;
	int components;   /* 1 or 3 */
	int across, down; /* sampling of the first component; 0 stands for 1 */
	int across_cb, down_cb, across_cr, down_cr;
	int quality;
	unsigned noise;   /* 0 to 255: how much of the picture is */
	unsigned restart; /* MCUs */
	bool optimised, progressive, arithmetic, rgb;
	/* Of what is progressive. Scans of the positions other than the mean, of each component, in
	 * so many bands; 0: libjpeg-turbo's usual script. Bits of each that are left to later
	 * scans, one by one; those are of whole blocks where there is an even number of bands. */
	int bands, open;
	bool apart; /* means of each component in a scan of their own */
};

struct jpegs_file {
	unsigned char *bytes; /* from malloc */
	size_t length;
	size_t scan; /* where the entropy-coded data begin */
};

/* The same bytes for the same spec. Aborts where libjpeg-turbo refuses it. */
struct jpegs_file jpegs_make(const struct jpegs_spec *spec);

enum jpegs_verdict {
	JPEGS_LEFT,     /* not taken */
	JPEGS_SAME,     /* taken, and the samples are those of libjpeg-turbo's coefficients, and it
			   has nothing to complain of */
	JPEGS_DIFFERENT /* taken, and they are not, or it has */
};

/* Where the picture is that much too large. At most 4 megapixels of output. */
enum jpegs_verdict jpegs_compare(struct scaled *scaled, const unsigned char *bytes, size_t length,
	const struct scaled_excess *excess);

/* At full size, where libjpeg-turbo gets its coefficients from us, beside libjpeg-turbo alone: the
 * same pixels. */
enum jpegs_verdict jpegs_serve(struct scaled *scaled, const unsigned char *bytes, size_t length);

#endif
